/**
 * The files of a run folder that are published below `<prefix>/<run-id>/`, as they lie there now,
 * and those that are refused.
 */

import { relative, sep } from 'node:path';
import type { Problem } from '../errors.ts';
import { RefusedFile } from '../files/untrusted-file.ts';
import type { RunFolder } from '../run/folder.ts';
import { type ListedFile, type Listing, listBelow } from './listing.ts';
import {
  isMemberFolder,
  keyInChunks,
  type Publishable,
  publishable,
  treatmentOf,
} from './run-folder/publishable.ts';

/** The same with its path and its current content. */
export type PublishableFile = Publishable &
  Readonly<{ path: string; bytes: number; modifiedMs: number }>;

/**
 * A file that may be shown. `key`: its public name, with forward slashes. `path`: where it is.
 * `source`: its path in the run folder.
 */
export type PublishedFile = Readonly<{
  key: string;
  path: string;
  bytes: number;
  source?: string;
}>;

/**
 * Any file above this is published in chunks, so that each request is short enough to be sent
 * again.
 */
const maxWholeBytes = 64 * 1024 ** 2;

/** Every file that is, or will be, published: the local files, in the order of their keys. */
export async function publishedFiles(folder: RunFolder): Promise<readonly PublishedFile[]> {
  const files = await publishableFiles(folder);
  return files.map(({ key, path, bytes, source }) => ({ key, path, bytes, source }));
}

/** The files to publish, from the current run folder. */
export async function publishableFiles(folder: RunFolder): Promise<readonly PublishableFile[]> {
  return (await surveyRun(folder)).files;
}

/**
 * The files to publish, and those refused because they are not regular files: links, pipes and the
 * like.
 */
export async function surveyRun({
  root,
}: RunFolder): Promise<
  Readonly<{ files: readonly PublishableFile[]; refused: readonly RefusedFile[] }>
> {
  const sourceOf = (path: string): string => relative(root, path).split(sep).join('/');
  const { files, refused } = await listRun(root);
  const entries = files.flatMap((file) => {
    const entry = publishable(sourceOf(file.path));
    return entry === undefined ? [] : [withStatus(entry, file)];
  });
  const isTooLong = ({ key }: PublishableFile): boolean => Buffer.byteLength(key) > maxKeyBytes;
  const tooLong = entries
    .filter(isTooLong)
    .map(({ path }) => new RefusedFile(path, 'its path is too long for S3'));
  return {
    files: entries.filter((entry) => !isTooLong(entry)).sort((a, b) => (a.key < b.key ? -1 : 1)),
    refused: [...refused, ...tooLong],
  };
}

/**
 * The files of this instance, and those of each member of its cluster: those come from other
 * machines, and however many there are of one, it leaves room for the others'.
 */
async function listRun(root: string): Promise<Listing> {
  const memberDirs: string[] = [];
  const own = await listBelow(root, (path, isFolder) => {
    const source = relative(root, path).split(sep).join('/');
    if (source === 'members' && isFolder) return 'enter';
    if (isMemberFolder(source) && isFolder && memberDirs.length < maxMembers) memberDirs.push(path);
    return treatmentOf(source, isFolder);
  });
  const [files, refused] = [[...own.files], [...own.refused]];
  for (const dir of memberDirs) {
    const its = await listBelow(dir, (path, isFolder) =>
      treatmentOf(relative(dir, path).split(sep).join('/'), isFolder),
    );
    files.push(...its.files);
    refused.push(...its.refused);
  }
  return { files, refused };
}

/** More are no cluster. */
const maxMembers = 5_000;

/** S3 allows names of 1,024 bytes; some are for the prefix, the run id and the chunk number. */
const maxKeyBytes = 768;

/** How many of the refused files are named. */
const maxNamed = 5;

/** The warning about refused files; undefined if there are none. */
export function refusedProblem(
  { root }: RunFolder,
  refused: readonly RefusedFile[],
): Problem | undefined {
  const [first] = refused;
  if (first === undefined) return undefined;
  const named = refused
    .slice(0, maxNamed)
    .map(({ reason, where = root }) => `${JSON.stringify(relative(root, where))} (${reason})`);
  const more = refused.length - named.length;
  return {
    code: first.code,
    message: `not read and not published: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    hint: first.hint,
  };
}

function withStatus(entry: Publishable, file: ListedFile): PublishableFile {
  const isTooLarge = entry.as !== 'grown' && file.bytes > maxWholeBytes;
  return {
    ...entry,
    ...(isTooLarge ? { as: 'grown', key: keyInChunks(entry.key) } : {}),
    ...file,
  };
}
