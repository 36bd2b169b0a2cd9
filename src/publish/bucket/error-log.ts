/**
 * Logs failing uploads: each problem when it first occurs, and when uploads work again.
 */

import type { Problem } from '../../errors.ts';
import type { Log } from '../../log.ts';

type ErrorLog = Readonly<{
  add(problem: Problem): void;
  /** Every upload has been tried. */
  endRound(): void;
}>;

export function createErrorLog(log: Log): ErrorLog {
  const told = new Set<string>();
  let failed = 0;
  let failedBefore = 0;
  return {
    add(problem) {
      failed += 1;
      if (told.has(problem.code)) return;
      told.add(problem.code);
      log.warn({ problem }, 'uploads fail');
    },
    endRound() {
      const isWell = failed === failedBefore;
      failedBefore = failed;
      if (!isWell || failed === 0) return;
      log.info({ failed }, 'uploads work again');
      told.clear();
      failed = 0;
      failedBefore = 0;
    },
  };
}
