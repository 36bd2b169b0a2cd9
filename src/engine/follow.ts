/** Follows a file that another process writes, to its very end. */

import type { FileHandle } from 'node:fs/promises';
import { msToNextTick } from '../clock.ts';
import { nothingIfRefused, openUntrusted } from '../files/untrusted-file.ts';
import { wait } from '../retry.ts';
import type { EngineOutput } from './engine.ts';

export type FollowOptions = Readonly<{
  /** Where the file is or will be, or how to find out. */
  path: string | (() => Promise<string | undefined>);
  /** Once it has said true, what is in the file is all that there will be. */
  hasEnded: EngineOutput['hasEnded'];
  ended?: AbortSignal | undefined;
  signal: AbortSignal;
  chunkBytes?: number;
  pollMs?: number;
}>;

/** The engine's host writes on the second; soon after, that can be read. */
const writtenMs = 100;

/** Waits until there should be more to read, or the engine has ended; rejects with the signal's reason. */
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
      // It is news once.
      either = signal;
    }
  };
}

/**
 * Yields the file's bytes while it grows; ends when its writer has ended and all is read, or when it never came.
 * The bytes are only valid until the next are asked for: the buffer is used again. Lines may be cut anywhere.
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
      // Asked before the last read: what is written between a read and the end would be lost the other way round.
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
 * What is in the file's place and is none is not read, as long as it is there; that is told where
 * the run's files are listed.
 */
async function openIfThere(path: string | undefined): Promise<FileHandle | undefined> {
  if (path === undefined) return undefined;
  return (await openUntrusted(path).catch(nothingIfRefused))?.handle;
}
