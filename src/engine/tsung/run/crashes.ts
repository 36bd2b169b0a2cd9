/**
 * Reports users that crashed inside Tsung, which counts them and continues. Why they did is counted
 * as it happens: see erlang/onager_crashes.erl.
 */

import type { Problem } from '../../../errors.ts';
import { counted, formatInteger } from '../../../text.ts';
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
  if (users === 1) {
    const what = isSilent ? 'sent no request' : 'got no answer';
    return problem(`the only user ${what} and crashed`, total);
  }
  const all = counted(users, 'user');
  const what = isSilent
    ? `not one of ${all} sent a request`
    : `not one request of ${all} was answered`;
  const how = crashed < users ? `${formatInteger(crashed)} of them` : 'all';
  return problem(`${what}, ${how} crashed`, total);
}

/** Undefined if nothing crashed. */
export function crashWarning(total: TsungTotals): Problem | undefined {
  const crashed = crashedUsers(total);
  const users = counted(total('users_count'), 'user');
  if (crashed > 0) return problem(`${formatInteger(crashed)} of ${users} crashed`, total);
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
  const more = others === 0 ? '' : `, and for ${counted(others, 'other reason')}`;
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
  return count === 1 ? 'once' : counted(count, 'time');
}
