/** Writes the output of a process to a file, up to a limit. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { appendFlags } from '../../files/untrusted-file.ts';

/**
 * Resolves when the stream has ended. Beyond the limit, or if the disk is full, it still reads
 * but keeps nothing.
 */
export async function keepBounded(stream: Readable, path: string, maxBytes: number): Promise<void> {
  const file = await open(path, appendFlags, 0o640).catch(() => undefined);
  let room = maxBytes;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array) || room === 0) continue;
      const kept = chunk.subarray(0, room);
      room = (await append(file, kept)) ? room - kept.length : 0;
      if (room === 0) {
        await append(file, `\n[onager: only the first ${maxBytes} bytes are kept]\n`);
      }
    }
  } catch {
    // A stream that breaks off has simply ended.
  } finally {
    await file?.close();
  }
}

/** False if the disk is full: a log is not worth failing the run for. */
async function append(
  file: FileHandle | undefined,
  content: Uint8Array | string,
): Promise<boolean> {
  if (file === undefined) return false;
  try {
    await file.appendFile(content);
    return true;
  } catch {
    return false;
  }
}
