/** Finds in the scenario the file that a path written on the author's machine means. */

import { posix } from 'node:path';

export type FoundFile =
  | Readonly<{ kind: 'found'; file: string }>
  | Readonly<{ kind: 'missing' }>
  | Readonly<{ kind: 'ambiguous'; files: readonly string[] }>;

/**
 * By its path relative to the entry file's folder or to the scenario's; if there is none such, by base name. The path
 * itself, which may be absolute or lead out of the scenario, is never opened.
 */
export function findFile(path: string, files: readonly string[], entry: string): FoundFile {
  const written = path.replace(/^file:(\/\/)?/, '').replaceAll('\\', '/');
  for (const base of [posix.dirname(entry), '.']) {
    const file = posix.normalize(posix.join(base, written));
    if (!posix.isAbsolute(written) && files.includes(file)) return { kind: 'found', file };
  }
  const name = posix.basename(written);
  const [first, ...others] = files.filter((file) => posix.basename(file) === name);
  if (first === undefined || name === '') return { kind: 'missing' };
  return others.length === 0
    ? { kind: 'found', file: first }
    : { kind: 'ambiguous', files: [first, ...others] };
}
