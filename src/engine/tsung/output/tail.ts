/**
 * Reads a file that still grows, a piece at a time. Synchronously: what was just written is in the page cache, and handing each piece
 * from thread to thread costs as much as understanding it; cold files are read no slower, as the kernel reads ahead.
 */

import { closeSync, readSync } from 'node:fs';
import { nothingIfRefused, openUntrustedSync } from '../../../files/untrusted-file.ts';

export type Tail = Readonly<{
  /** The next bytes, good until the next call; empty where there are none yet. */
  next(): Uint8Array;
  close(): void;
}>;

/** The file may not be there yet: then it is empty. */
export function createTail(path: string, pieceBytes: number): Tail {
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
 * What is in the file's place and is none is not read, as long as it is there; that is told where
 * the run's files are listed.
 */
function openIfThere(path: string): number | undefined {
  try {
    return openUntrustedSync(path)?.fd;
  } catch (error) {
    return nothingIfRefused(error);
  }
}
