/** Reads a file that still grows, a piece at a time. */

import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from '../../errors.ts';

export type Tail = Readonly<{
  /** The next bytes, good until the next call; empty where there are none yet. */
  next(): Promise<Uint8Array>;
  close(): Promise<void>;
}>;

/** The file may not be there yet: then it is empty. */
export function createTail(path: string, pieceBytes: number): Tail {
  let [buffer, spare] = [new Uint8Array(pieceBytes), new Uint8Array(0)];
  const nothing = new Uint8Array(0);
  let file: FileHandle | undefined;
  let position = 0;
  let ahead: ReturnType<FileHandle['read']> | undefined;

  return {
    async next() {
      file ??= await openIfThere(path);
      if (file === undefined) return nothing;
      const reading = ahead ?? file.read(buffer, 0, pieceBytes, position);
      // Also where it fails: then the next call tries again.
      ahead = undefined;
      const { bytesRead } = await reading;
      position += bytesRead;
      const piece = buffer.subarray(0, bytesRead);
      // Where there was a whole piece there is likely more: it is read while this one is looked at.
      if (bytesRead === pieceBytes) {
        if (spare.length === 0) spare = new Uint8Array(pieceBytes);
        [buffer, spare] = [spare, buffer];
        ahead = file.read(buffer, 0, pieceBytes, position);
        ahead.catch(() => undefined);
      }
      return piece;
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
