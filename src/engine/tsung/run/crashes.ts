/**
 * Reports users that crashed inside Tsung, which counts them and continues. Why they did is counted
 * as it happens: see erlang/onager_crashes.erl.
 */

import type { Problem } from '../../../errors.ts';
import { crashOf, errorInWords } from '../output/error-words.ts';
import type { TsungTotals } from './totals.ts';

const maxKinds = 3;

/**
 * Undefined if a request was answered, or if something other than crashes explains why none was.
 */
export function allCrashedProblem(total: TsungTotals): Problem | undefined {
  const [users, crashed] = [total('users_count'), crashedUsers(total)];
  if (crashed === 0 || total('request') + total('request_noack') > 0) return undefined;
  const isSilent = total('size_sent') === 0 && total('connect') === 0;
  const isRefused = [...total.all].some(
    ([name, count]) => name.startsWith('error_connect_') && count > 0,
  );
  if (crashed < users && (isRefused || !isSilent)) return undefined;
  const what = isSilent
    ? `not one of ${users} users sent a request`
    : `not one request of ${users} users was answered`;
  return problem(`${what}, ${crashed < users ? `${crashed} of them` : 'all'} crashed`, total);
}

/** Undefined if nothing crashed. */
export function crashWarning(total: TsungTotals): Problem | undefined {
  const crashed = crashedUsers(total);
  if (crashed > 0) return problem(`${crashed} of ${total('users_count')} users crashed`, total);
  return kindsOf(total).length > 0 ? problem('a part of Tsung crashed', total) : undefined;
}

function crashedUsers(total: TsungTotals): number {
  return kindsOf(total).reduce(
    (sum, [name, count]) => sum + (crashOf(name) === 'user' ? count : 0),
    0,
  );
}

/** The most frequent first. */
function kindsOf(total: TsungTotals): readonly (readonly [string, number])[] {
  return [...total.all]
    .filter(([name, count]) => count > 0 && crashOf(name) !== undefined)
    .sort(([, a], [, b]) => b - a);
}

function problem(what: string, total: TsungTotals): Problem {
  const kinds = kindsOf(total);
  const shown = kinds.slice(0, maxKinds).map(([name, n]) => `${shortly(name)} (${times(n)})`);
  const others = kinds.length - shown.length;
  const more = others === 0 ? '' : `, and for ${others} other reason${others === 1 ? '' : 's'}`;
  return {
    code: 'TSUNG_USERS_CRASHED',
    message: `${what}: ${shown.join('; ')}${more}`,
    hint: "correct the scenario there; Erlang's report of the first of each kind is in engine/tsung/…/tsung_controller_….log",
  };
}

/** Without what the rest of the sentence says. */
function shortly(name: string): string {
  return errorInWords(name).replace('user crashed ', '').replace('user ', '');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
