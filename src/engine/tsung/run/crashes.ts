/**
 * Reports users that crashed inside Tsung, which counts them and continues. Erlang writes the
 * reason to the controller's log.
 */

import type { Problem } from '../../../errors.ts';
import { counted, formatInteger } from '../../../text.ts';
import type { TsungTotals } from './totals.ts';

const maxShown = 120;
const maxReason = 2_000;

/**
 * Meanings of the reasons, by their start; the first function in the trace is where it happened.
 */
const meanings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /^set_profile_error/,
    () => 'a step of the session is missing: does it use a different protocol than its session?',
  ],
  [
    /^\{'module could not be loaded',\s*\[\{'?([\w.@]+)'?,'?([\w.@]+)'?/,
    ([, module, called]) => `the Erlang module "${module}" does not exist (${module}:${called})`,
  ],
  [
    /^\{'function not exported',\s*\[\{'?([\w.@]+)'?,'?([\w.@]+)'?/,
    ([, module, called]) => `the Erlang module "${module}" has no such function "${called}"`,
  ],
  [
    /^\{\{badmatch,(.*?)\},\s*\[\{/s,
    ([, value]) => `there is no match for the value ${short(value)}`,
  ],
  [
    /^\{\{case_clause,(.*?)\},\s*\[\{/s,
    ([, value]) => `there is no case for the value ${short(value)}`,
  ],
  [
    /^\{function_clause,\s*\[\{'?([\w.@]+)'?,'?([\w.@/-]+)'?/,
    ([, module, called]) => `${module}:${called} was given a value that it does not accept`,
  ],
  [
    /^\{badarg,\s*\[\{'?([\w.@]+)'?,'?([\w.@/-]+)'?/,
    ([, module, called]) => `${module}:${called} was given a wrong argument`,
  ],
  [/^\{badarith,/, () => 'it computes with something that is not a number'],
];

/**
 * Undefined if a request was answered, or if something other than crashes explains why none was.
 */
export function allCrashedProblem(total: TsungTotals, controller: string): Problem | undefined {
  const [users, crashed] = [total('users_count'), total('error_unknown')];
  if (crashed === 0 || total('request') + total('request_noack') > 0) return undefined;
  const isSilent = total('size_sent') === 0 && total('connect') === 0;
  const isRefused = [...total.all].some(
    ([name, count]) => name.startsWith('error_connect_') && count > 0,
  );
  if (crashed < users && (isRefused || !isSilent)) return undefined;
  if (users === 1) {
    const what = isSilent ? 'sent no request' : 'got no answer';
    return problem(`the only user ${what}: it crashed inside Tsung`, controller);
  }
  const all = counted(users, 'user');
  const what = isSilent
    ? `not one of ${all} sent a request`
    : `not one request of ${all} was answered`;
  const how = crashed < users ? `${formatInteger(crashed)} of them` : 'all';
  return problem(`${what}: ${how} crashed inside Tsung`, controller);
}

/** Undefined if no user crashed. */
export function crashWarning(total: TsungTotals, controller: string): Problem | undefined {
  const [users, crashed] = [total('users_count'), total('error_unknown')];
  if (crashed === 0) return undefined;
  return problem(
    `${formatInteger(crashed)} of ${counted(users, 'user')} crashed inside Tsung`,
    controller,
  );
}

function problem(message: string, controller: string): Problem {
  const reason = firstReason(controller);
  return {
    code: 'TSUNG_USERS_CRASHED',
    message: reason === undefined ? message : `${message}, the first because ${reason}`,
    hint: 'correct the scenario there; the full report of each crash is in engine/tsung/…/tsung_controller_….log',
  };
}

function firstReason(controller: string): string | undefined {
  const report = controller.slice(indexAfter(controller, '** State machine <'));
  const reason = report
    .slice(indexAfter(report, '** Reason for termination =='))
    .slice(0, maxReason);
  const written = /^\s*\*\* (.*?)(?:\n\s*\n|$)/s.exec(reason)?.[1];
  if (written === undefined) return undefined;
  for (const [pattern, say] of meanings) {
    const match = pattern.exec(written);
    if (match !== null) return `${say(match)}${placeOf(written)}`;
  }
  return `Erlang says ${short(written)}`;
}

/** The end of the text if it is not there. */
function indexAfter(text: string, wanted: string): number {
  const at = text.indexOf(wanted);
  return at === -1 ? text.length : at + wanted.length;
}

/** The scenario's own code (`eval`) has no name and no line. */
function placeOf(written: string): string {
  return /\[\{erl_eval,/.test(written) ? ' in the code of the scenario' : '';
}

function short(term = ''): string {
  const line = term.replace(/\s+/g, ' ').trim();
  return line.length > maxShown ? `${line.slice(0, maxShown)}…` : line;
}
