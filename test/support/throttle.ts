/**
 * Gives processes a small share of a core, like a machine without burst credits: they are stopped
 * and continued in turns.
 */

import { setTimeout as sleep } from 'node:timers/promises';

const turnMs = 500;

/** Calls `pids` in each turn. Once told to end, lets all of them continue and resolves. */
export async function throttle(
  pids: () => readonly number[],
  share: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const turn = pids();
    signalAll(turn, 'SIGCONT');
    await sleep(turnMs * share);
    signalAll(turn, 'SIGSTOP');
    await sleep(turnMs * (1 - share), undefined, { signal }).catch(() => undefined);
  }
  signalAll(pids(), 'SIGCONT');
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // The process has ended.
    }
  }
}
