/** Where a growing file is cut into chunks. Pure. */

/** A range of a file: from the byte `from` up to, but not including, the byte `to`. */
export type ByteRange = Readonly<{ from: number; to: number }>;

/**
 * The most source bytes in a chunk: eight in flight, each with its compressed copy, stay below 64
 * MiB.
 */
export const maxChunkBytes = 4 * 1024 ** 2;

/** The ranges of a file after what has already been cut, in order and without a gap. */
export function cut(
  cutBytes: number,
  fileBytes: number,
  maxBytes: number = maxChunkBytes,
): readonly ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let from = cutBytes; from < fileBytes; from += maxBytes) {
    ranges.push({ from, to: Math.min(from + maxBytes, fileBytes) });
  }
  return ranges;
}

/** The name of the chunk's object: numbered from 1, so that names sort in byte order. */
export function chunkKey(key: string, seq: number): string {
  return `${key}/${String(seq).padStart(6, '0')}.gz`;
}
