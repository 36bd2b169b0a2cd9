/** Tells of users that died inside Tsung, which counts them and goes on; why, Erlang writes into the controller's log. */

import type { Problem } from '../../errors.ts';
import type { TsungTotals } from './totals.ts';

const maxShown = 120;

/** What the reasons mean, by how they begin; the first function in the trace is where it happened. */
const meanings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /^set_profile_error/,
    () => 'a step of the session is not there: is it of another protocol than the session?',
  ],
  [
    /^\{'module could not be loaded',\s*\[\{'?([\w.@]+)'?,'?([\w.@]+)'?/,
    ([, module, called]) => `the Erlang module "${module}" is not there (${module}:${called})`,
  ],
  [
    /^\{'function not exported',\s*\[\{'?([\w.@]+)'?,'?([\w.@]+)'?/,
    ([, module, called]) => `the Erlang module "${module}" has no such function "${called}"`,
  ],
  [
    /^\{\{badmatch,\s*(.*?)\},\s*\[\{/s,
    ([, value]) => `there is no match for the value ${short(value)}`,
  ],
  [
    /^\{\{case_clause,\s*(.*?)\},\s*\[\{/s,
    ([, value]) => `there is no case for the value ${short(value)}`,
  ],
  [
    /^\{function_clause,\s*\[\{'?([\w.@]+)'?,'?([\w.@/-]+)'?/,
    ([, module, called]) => `${module}:${called} was given what it cannot take`,
  ],
  [
    /^\{badarg,\s*\[\{'?([\w.@]+)'?,'?([\w.@/-]+)'?/,
    ([, module, called]) => `${module}:${called} was given a wrong argument`,
  ],
  [/^\{badarith,/, () => 'it computes with what is no number'],
];

/** Undefined where nobody sent or got anything because of crashes only. */
export function allCrashedProblem(total: TsungTotals, controller: string): Problem | undefined {
  const [users, crashed] = [total('users_count'), total('error_unknown')];
  if (crashed === 0 || total('request') + total('request_noack') > 0) return undefined;
  const isSilent = total('size_sent') === 0 && total('connect') === 0;
  if (!isSilent && crashed < users) return undefined;
  const what = isSilent
    ? `not one of ${users} users sent a request`
    : `not one request of ${users} users was answered`;
  return problem(`${what}: ${told(crashed, users)}`, controller);
}

/** Undefined where nobody crashed. */
export function crashWarning(total: TsungTotals, controller: string): Problem | undefined {
  const [users, crashed] = [total('users_count'), total('error_unknown')];
  return crashed === 0 ? undefined : problem(told(crashed, users), controller);
}

function told(crashed: number, users: number): string {
  if (users === 1) return 'it crashed inside Tsung';
  return crashed >= users
    ? 'all crashed inside Tsung'
    : `${crashed} of ${users} users crashed inside Tsung`;
}

function problem(message: string, controller: string): Problem {
  const reason = firstReason(controller);
  return {
    code: 'TSUNG_USERS_CRASHED',
    message: reason === undefined ? message : `${message}, the first because ${reason}`,
    hint: 'mend the scenario there; all that Erlang says of each crash is in engine/tsung/…/tsung_controller_….log',
  };
}

function firstReason(controller: string): string | undefined {
  const [, written] =
    /^\*\* Reason for termination ==\s*\n\*\* ([\s\S]*?)\n\s*(?:\n|$)/m.exec(controller) ?? [];
  if (written === undefined) return undefined;
  for (const [pattern, say] of meanings) {
    const match = pattern.exec(written);
    if (match !== null) return `${say(match)}${placeOf(written)}`;
  }
  return `Erlang says ${short(written)}`;
}

/** Code of the scenario itself (`eval`) has no name and no line. */
function placeOf(written: string): string {
  return /\[\{erl_eval,/.test(written) ? ' in the code of the scenario' : '';
}

function short(term = ''): string {
  const line = term.replace(/\s+/g, ' ').trim();
  return line.length > maxShown ? `${line.slice(0, maxShown)}…` : line;
}
