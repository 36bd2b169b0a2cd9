/** What SIGINT and SIGTERM mean: the first asks a command to end, a later one cuts it off. */

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { waitAwake } from '../../retry.ts';

/** So long after the first signal, while this process is awake, another one is the same wish. */
const sameWishMs = 500;

export class EndedBySignal extends Error {
  readonly exit: number;

  constructor(name: 'SIGTERM' | 'SIGINT') {
    super(`ended by ${name}`);
    // As shells say it.
    this.exit = 128 + constants.signals[name];
  }
}

type Signals = Readonly<{
  /** Aborted by the first signal, with an `EndedBySignal`. */
  stopping: AbortSignal;
  /** Aborted by a second one. */
  abandoned: AbortSignal;
  /** From now on, a second one also ends the process. */
  leaveAtOnce(): void;
  /** The command is over: nothing more is waited for. */
  close(): void;
}>;

export function listenToSignals(): Signals {
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const over = new AbortController();
  let leavesAtOnce = false;
  let isAnotherWish = false;
  let hasCopy = false;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (!stopping.signal.aborted) {
        const heard = (): void => {
          isAnotherWish = true;
        };
        waitAwake(sameWishMs, over.signal).then(heard, () => {});
        stopping.abort(new EndedBySignal(name));
      } else if (!hasCopy && isRunByNpm()) {
        hasCopy = true;
        return;
      }
      if (!isAnotherWish) return;
      abandoning.abort(new EndedBySignal(name));
      if (!leavesAtOnce) return;
      // The default action of the signal: an exit would wait for pending work in other threads.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    });
  }
  return {
    stopping: stopping.signal,
    abandoned: abandoning.signal,
    leaveAtOnce() {
      leavesAtOnce = true;
    },
    close: () => over.abort(),
  };
}

/**
 * One Ctrl-C arrives twice from npm: the terminal sends it to both, and npm sends its own on,
 * however late. npm's name for its process is the command that was typed.
 */
function isRunByNpm(): boolean {
  try {
    return readFileSync(`/proc/${process.ppid}/cmdline`, 'utf8').startsWith('npm ');
  } catch {
    return false;
  }
}
