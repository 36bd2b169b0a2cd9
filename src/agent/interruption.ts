/** Ends a run early though nobody asked for it, and remembers why over restarts. */

import { type OnagerError, problemsOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunStore } from '../run/store.ts';
import { isBeforeItsEnd } from './run.ts';

export type Interruption = Readonly<{
  signal: AbortSignal;
  /**
   * Whatever waits hurries from now on; a load that has not ended is ended. The first reason stays.
   */
  interrupt(reason: OnagerError): void;
  /** An earlier process of this run was interrupted: so is this one. */
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
      // The state has it at once, the disk as soon as it can; neither the notice nor the clock
      // waits for the disk.
      if (isBeforeItsEnd(store.current().phase)) void store.note({ interruption: problem });
      controller.abort(reason);
    },
    resume() {
      if (store.current().interruption !== undefined) controller.abort();
    },
  };
}
