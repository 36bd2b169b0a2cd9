/** The last part of an SLO rule: it must hold in each window of this length. */

import { durationMs } from '../duration.ts';
import type { Problem } from '../errors.ts';
import { quote } from '../text.ts';
import type { SloRule } from './rule.ts';
import { problem } from './scope.ts';

const longestMs = 3_600_000;
const example = 'write a window such as `p95 < 300ms over 30s`, from 1s to 1h';

/** The value, and what follows the word `over`, if it is there. */
export function splitWindow(text: string): Readonly<{ limit: string; window?: string }> {
  const word = /\sover(?=\s|$)/.exec(text);
  if (word === null) return { limit: text };
  return {
    limit: text.slice(0, word.index).trimEnd(),
    window: text.slice(word.index + word[0].length).trim(),
  };
}

/** The length of the windows, or why this rule cannot have any. */
export function readWindow(
  { text, scope, metric }: SloRule,
  window: string,
): Readonly<{ windowMs: number }> | Problem {
  const wrong = (what: string, hint: string): Problem =>
    problem('SLO_WINDOW', `${quote(text)}: ${what}`, hint);
  const windowMs = durationMs(window);
  if (windowMs === undefined) return wrong(`${quote(window)} is not a duration`, example);
  if (windowMs < 1_000 || windowMs > longestMs || windowMs % 1_000 !== 0) {
    return wrong(`${quote(window)} is not from 1s to 1h in whole seconds`, example);
  }
  if (scope.kind !== 'run') {
    const hint = `the record of a single ${scope.kind} over time is too coarse for a verdict: leave out "over ${window}", or the ${scope.kind}`;
    return wrong('only the whole run is judged over windows', hint);
  }
  if (metric.kind === 'count' || metric.kind === 'min') {
    const hint =
      metric.kind === 'count'
        ? `write throughput, a rate: throughput > 100/s over ${window}`
        : 'rules over windows can use p50 to p99.99, mean, max, errors and throughput';
    return wrong(`${metric.kind} is not judged over windows`, hint);
  }
  return { windowMs };
}
