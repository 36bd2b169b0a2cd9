/** Follows a file that another process writes, up to its end. */

import type { FileHandle } from 'node:fs/promises';
import { msToNextTick } from '../clock.ts';
import { nothingIfRefused, openUntrusted } from '../files/untrusted-file.ts';
import { wait } from '../retry.ts';
import type { EngineOutput } from './engine.ts';

export type FollowOptions = Readonly<{
  /** Where the file is or will be, or how to find out. */
  path: string | (() => Promise<string | undefined>);
  /** Once this is true, the file no longer grows. */
  hasEnded: EngineOutput['hasEnded'];
  ended?: AbortSignal | undefined;
  signal: AbortSignal;
  chunkBytes?: number;
  pollMs?: number;
}>;

/** The supervisor writes on the second; soon after, that can be read. */
const writtenMs = 100;

/**
 * Waits until there should be more to read, or the engine has ended. Rejects with the signal's
 * reason.
 */
export function createPause(
  { ended, pollMs: everyMs = 1_000 }: Pick<FollowOptions, 'ended' | 'pollMs'>,
  signal: AbortSignal,
): () => Promise<void> {
  let either = ended === undefined ? signal : AbortSignal.any([signal, ended]);
  return async () => {
    try {
      await wait(msToNextTick({ everyMs, afterMs: writtenMs }), either);
    } catch (error) {
      signal.throwIfAborted();
      if (ended?.aborted !== true) throw error;
      // This is reported only once.
      either = signal;
    }
  };
}

/**
 * Yields the file's bytes while it grows. Ends when its writer has ended and all is read, also
 * where there never was a file. The bytes are valid only until the next ones are asked for, because
 * the buffer is reused. Lines may be cut anywhere.
 */
export async function* followFile({
  path,
  hasEnded,
  signal,
  chunkBytes = 2 * 1024 ** 2,
  ...rhythm
}: FollowOptions): AsyncGenerator<Uint8Array, void> {
  const pause = createPause(rhythm, signal);
  const buffer = new Uint8Array(chunkBytes);
  let file: FileHandle | undefined;
  try {
    for (let position = 0; ; ) {
      // Checked before the last read: otherwise, data written between a read and the end is lost.
      const last = await hasEnded();
      file ??= await openIfThere(typeof path === 'string' ? path : await path());
      for (let bytesRead = -1; file !== undefined && bytesRead !== 0; position += bytesRead) {
        signal.throwIfAborted();
        ({ bytesRead } = await file.read(buffer, 0, chunkBytes, position));
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      }
      if (last) return;
      await pause();
    }
  } finally {
    await file?.close();
  }
}

/**
 * Anything there that is not a regular file is not read; the list of the run's files reports it.
 */
async function openIfThere(path: string | undefined): Promise<FileHandle | undefined> {
  if (path === undefined) return undefined;
  return (await openUntrusted(path).catch(nothingIfRefused))?.handle;
}
