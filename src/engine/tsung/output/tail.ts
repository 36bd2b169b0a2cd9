/**
 * Reads a growing file piece by piece, synchronously: new data is in the page cache, and passing
 * each piece from thread to thread costs as much as parsing it. Cold files are not read more
 * slowly, because the kernel reads ahead.
 */

import { closeSync, readSync } from 'node:fs';
import { nothingIfRefused, openUntrustedSync } from '../../../files/untrusted-file.ts';

/** How much is read and parsed, in a few milliseconds, before other work gets a turn. */
const pieceBytes = 256 * 1024;

export type Tail = Readonly<{
  /** The next bytes, valid until the next call; empty if there are none yet. */
  next(): Uint8Array;
  close(): void;
}>;

/** A file that does not exist yet is empty. */
export function createTail(path: string): Tail {
  const buffer = new Uint8Array(pieceBytes);
  let file: number | undefined;
  let position = 0;

  return {
    next() {
      file ??= openIfThere(path);
      const bytesRead = file === undefined ? 0 : readSync(file, buffer, 0, pieceBytes, position);
      position += bytesRead;
      return buffer.subarray(0, bytesRead);
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/**
 * Something else in the file's place, such as a link, is not read; the user is told of it where the
 * run's files are listed.
 */
function openIfThere(path: string): number | undefined {
  try {
    return openUntrustedSync(path)?.fd;
  } catch (error) {
    return nothingIfRefused(error);
  }
}
