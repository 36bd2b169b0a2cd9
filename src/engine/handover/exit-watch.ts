/** Notices exit.json as soon as it exists. */

import { type FSWatcher, watch } from 'node:fs';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import { exitFile } from './exit-file.ts';

/** `within`: waits this long, or until there is news; rejects with the signal's reason. */
type ExitWatch = Disposable & Readonly<{ within(delayMs: number): Promise<void> }>;

/** The kernel reports at once when exit.json appears; if it cannot, the next check finds it. */
export function watchExit(
  dir: string,
  { log, signal }: Readonly<{ log: Log; signal: AbortSignal }>,
): ExitWatch {
  let news = new AbortController();
  let either = AbortSignal.any([signal, news.signal]);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dir, { persistent: false }, (_, name) => {
      if (name === exitFile) news.abort();
    });
    watcher.on('error', (error) => log.warn({ err: error }, 'the run folder cannot be watched'));
  } catch (error) {
    log.warn({ err: error }, 'the run folder cannot be watched');
  }
  return {
    async within(delayMs) {
      try {
        // News since the last check ends the wait before it begins.
        await wait(delayMs, either);
      } catch (error) {
        signal.throwIfAborted();
        if (!news.signal.aborted) throw error;
        news = new AbortController();
        either = AbortSignal.any([signal, news.signal]);
      }
    },
    [Symbol.dispose]: () => watcher?.close(),
  };
}
