/**
 * Which files a run has that was copied out of the bucket: by its manifest, or by what lies there.
 */

import { readdir } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { maxChunkBytes } from '../chunks.ts';
import type { Manifest } from '../manifest.ts';

/** What the manifest says of an object or file; absent where there is no manifest. */
type Sum = Readonly<{ size: number; sha256: string }>;

/** A chunk of a file. `bytes`: of the file; the most there can be where that is not known. */
export type CopiedChunk = Readonly<{ key: string; bytes: number; sum?: Sum | undefined }>;

/** `whole`: objects that are files. `chunked`: files in chunks, by their keys. */
export type CopiedFiles = Readonly<{
  whole: readonly Readonly<{ key: string; sum?: Sum }>[];
  chunked: readonly Readonly<{ key: string; chunks: readonly CopiedChunk[]; sum?: Sum }>[];
  /** Files whose later chunks lie there, but not those before them: only the first are of use. */
  torn: readonly string[];
}>;

export function filesOf({ files, objects }: Manifest): CopiedFiles {
  const sums = new Map(objects.map(({ key, size, sha256 }) => [key, { size, sha256 }]));
  const chunkKeys = new Set(files.flatMap(({ chunks }) => chunks.map(({ key }) => key)));
  return {
    whole: objects
      .filter(({ key }) => !chunkKeys.has(key))
      .map(({ key, size, sha256 }) => ({ key, sum: { size, sha256 } })),
    chunked: files.map(({ file, size, sha256, chunks }) => ({
      key: file,
      sum: { size, sha256 },
      chunks: chunks.map(({ key, from, to }) => ({ key, bytes: to - from, sum: sums.get(key) })),
    })),
    torn: [],
  };
}

/** A file ends before the first chunk that is not there. */
export async function filesIn(dir: string): Promise<CopiedFiles> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const keys = found
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => relative(dir, join(parentPath, name)).split(sep).join('/'))
    .sort();
  const chunked = Object.entries(
    Object.groupBy(keys.filter(isChunk), (key) => posix.dirname(key)),
  ).map(([key, chunks = []]) => ({ key, chunks, upTo: chunks.findIndex(isOutOfTurn) }));
  return {
    whole: keys.filter((key) => wholeName.test(key)).map((key) => ({ key })),
    chunked: chunked.map(({ key, chunks, upTo }) => ({
      key,
      chunks: chunks
        .slice(0, upTo === -1 ? chunks.length : upTo)
        .map((chunk) => ({ key: chunk, bytes: maxChunkBytes })),
    })),
    torn: chunked.flatMap(({ key, upTo }) => (upTo === -1 ? [] : [key])),
  };
}

/** As `chunkKey` names them; what a copy that was cut off left beside them has other names. */
function isChunk(key: string): boolean {
  return (
    /^(?:members\/[\w-]{1,64}\/)?raw\/./.test(posix.dirname(key)) &&
    /^\d{6,15}\.gz$/.test(posix.basename(key))
  );
}

/** Those that a run publishes whole, and that a report lists. */
const wholeName =
  /^(?:(?:members\/[\w-]{1,64}\/)?(?:run\.json|settings\.json|logs\/.+)|scenario\.zip|report\/native\/.+)$/;

function isOutOfTurn(key: string, at: number): boolean {
  return Number(posix.basename(key, '.gz')) !== at + 1;
}
