/** Ends a run early without a user's request, and remembers the reason across restarts. */

import { type OnagerError, problemsOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunStore } from '../run/store.ts';
import { isBeforeItsEnd } from './run.ts';

export type Interruption = Readonly<{
  signal: AbortSignal;
  /**
   * Ends a load that is still running, and makes everything that waits hurry. Only the first reason
   * counts.
   */
  interrupt(reason: OnagerError): void;
  /** Interrupts this process too, if an earlier process of the run was interrupted. */
  resume(): void;
}>;

export function createInterruption(store: RunStore, log: Log): Interruption {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    interrupt(reason) {
      if (controller.signal.aborted) return;
      const [problem] = problemsOf(reason);
      log.warn({ problem }, 'interrupted');
      // In the state at once, on disk as soon as possible: a notice does not wait for the disk.
      if (isBeforeItsEnd(store.current().phase)) void store.note({ interruption: problem });
      controller.abort(reason);
    },
    resume() {
      if (store.current().interruption !== undefined) controller.abort();
    },
  };
}
