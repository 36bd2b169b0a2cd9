/** Where the files of a run are, seen from its page or its report. */

import type { FileEntry } from '../page-data.ts';
import { encodePath } from './file-url.ts';

type Place = Readonly<{ protocol: string; pathname: string; search: string }>;

/**
 * The address of a file, or undefined where none is known: a report that was taken out of its
 * folder has no files beside it. A page cannot look for files on a disk; the folder's name tells.
 */
export function linksFrom(
  { protocol, pathname, search }: Place,
  { runId, live }: Readonly<{ runId: string; live: boolean }>,
): (file: Pick<FileEntry, 'key' | 'source'>) => string | undefined {
  const isOfInstance = live || (protocol !== 'file:' && pathname === '/report.html');
  if (isOfInstance) return ({ key }) => `/files/${encodePath(key)}`;
  // A signed address is of one file only.
  if (search !== '') return () => undefined;
  const folder = `/${encodeURIComponent(runId)}`;
  if (pathname.endsWith(`${folder}/report/report.html`)) {
    return ({ source }) => (source === undefined ? undefined : `../${encodePath(source)}`);
  }
  if (pathname.endsWith(`${folder}/report.html`)) return ({ key }) => `./${encodePath(key)}`;
  return () => undefined;
}
