/** What a scenario's `<load>` plans: when users arrive, and how many. */

import { type Deal, ownCount, ownPart, wholeDeal } from '../../deal.ts';
import type { LoadPhase } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { createMatcher } from './session-matcher.ts';

/**
 * `durationMs`: the time in which users arrive. `cutMs`: when the scenario itself ends the test,
 * even if users are still running.
 */
type Load = Readonly<{
  phases: readonly LoadPhase[];
  durationMs: number;
  cutMs?: number;
  users: number;
}>;

const unitMs: Readonly<Record<string, number>> = {
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** `deal`: the part of the load that is planned here. */
export function readLoad(
  load: Element,
  sessionNames: readonly string[],
  deal: Deal = wholeDeal,
): Load {
  const cutMs = toMs(load.attribute('duration'), load.attribute('unit'));
  const rounds = 1 + Math.floor(Number(load.attribute('loop') ?? 0) || 0);
  const once = load.children
    .filter(({ name }) => name === 'arrivalphase')
    .toSorted((a, b) => Number(a.attribute('phase')) - Number(b.attribute('phase')));
  const { phases, ...arrivals } = arrivalsOf({ once, cutMs, deal }, rounds);
  let { durationMs: arrivalMs } = arrivals;
  let single = 0;
  const matched = createMatcher(sessionNames);
  for (const user of load.children.filter(({ name }) => name === 'user')) {
    const startMs = toMs(user.attribute('start_time'), user.attribute('unit'));
    arrivalMs = Math.max(arrivalMs, startMs);
    if (cutMs === 0 || startMs < cutMs) single += matched(user.attribute('session') ?? '').length;
  }
  return {
    phases: untilOneWaits(phases, once),
    durationMs: cutMs > 0 ? Math.min(arrivalMs, cutMs) : arrivalMs,
    ...(cutMs > 0 ? { cutMs } : {}),
    // They are dealt in the order of time, so those before an end are the first.
    users: arrivals.users + ownCount(deal, single),
  };
}

type Arriving = Readonly<{ once: readonly Element[]; cutMs: number; deal: Deal }>;

type Arrivals = Readonly<{ phases: readonly LoadPhase[]; durationMs: number; users: number }>;

/** Whole rounds after the shown phases are multiplied, not walked through. */
function arrivalsOf(arriving: Arriving, rounds: number): Arrivals {
  const { once, cutMs } = arriving;
  if (once.length === 0) return { phases: [], durationMs: 0, users: 0 };
  const whole = roundOf({ ...arriving, cutMs: 0 }, 0);
  let phases: readonly LoadPhase[] = [];
  let durationMs = 0;
  let users = 0;
  for (let round = 0; round < rounds && !(cutMs > 0 && durationMs >= cutMs); ) {
    const isShown = phases.length < maxPhases;
    const uncut = cutMs > 0 ? Math.floor((cutMs - durationMs) / whole.durationMs) : rounds;
    const skipped = isShown ? 0 : Math.min(uncut, rounds - round);
    const next = skipped > 0 ? whole : roundOf(arriving, durationMs);
    const times = Math.max(skipped, 1);
    if (isShown) phases = [...phases, ...next.phases];
    durationMs += times * next.durationMs;
    users += times * next.users;
    round += times;
  }
  return { phases, durationMs, users };
}

function roundOf({ once, cutMs, deal }: Arriving, startMs: number): Arrivals {
  const phases: LoadPhase[] = [];
  let durationMs = 0;
  let users = 0;
  for (const element of once) {
    if (cutMs > 0 && startMs + durationMs >= cutMs) break;
    const { phase, count } = readPhase(element, startMs + durationMs, cutMs);
    const { arrivalRate } = phase;
    const own = ownCount(deal, count);
    phases.push({
      ...phase,
      ...(arrivalRate === undefined ? {} : { arrivalRate: ownPart(deal, arrivalRate) }),
      users: own,
    });
    durationMs += phase.durationMs;
    users += own;
  }
  return { phases, durationMs, users };
}

/** After a phase that waits until all its users are done, the next starting times are unknown. */
function untilOneWaits(
  phases: readonly LoadPhase[],
  once: readonly Element[],
): readonly LoadPhase[] {
  const waits = once.findIndex((phase) => phase.attribute('wait_all_sessions_end') === 'true');
  return phases.map(({ users, ...phase }, at) =>
    users === undefined || (waits !== -1 && at > waits) ? phase : { ...phase, users },
  );
}

/** Rounds of a loop that begin after this many phases are counted, but not shown. */
const maxPhases = 1_000;

function readPhase(
  element: Element,
  startMs: number,
  cutMs: number,
): Readonly<{ phase: LoadPhase; count: number }> {
  const wholeMs = toMs(element.attribute('duration'), element.attribute('unit'));
  const durationMs = cutMs > 0 ? Math.max(0, Math.min(wholeMs, cutMs - startMs)) : wholeMs;
  // Of several <users> in a phase, Tsung uses the last.
  const users = element.children.findLast(({ name }) => name === 'users');
  const arrivalRate = users === undefined ? undefined : ratePerSecond(users);
  const most = Number(users?.attribute('maxnumber') ?? Number.POSITIVE_INFINITY);
  const phase = {
    name: element.attribute('phase') ?? '',
    startMs,
    durationMs,
    ...(arrivalRate === undefined ? {} : { arrivalRate }),
  };
  return { phase, count: Math.min(Math.round(((arrivalRate ?? 0) * durationMs) / 1000), most) };
}

/** Users per second; undefined if the scenario gives none. */
function ratePerSecond(users: Element): number | undefined {
  const perUnitMs = unitMs[users.attribute('unit') ?? 'second'] ?? 1000;
  const rate = number(users.attribute('arrivalrate'));
  if (rate !== undefined) return (rate * 1000) / perUnitMs;
  const interarrival = number(users.attribute('interarrival'));
  return interarrival === undefined || interarrival === 0
    ? undefined
    : 1000 / (interarrival * perUnitMs);
}

export function sessionNamesOf(root: Element): readonly string[] {
  return descendants(root, 'session').map((session) => session.attribute('name') ?? '');
}

export function toMs(value: string | undefined, unit: string | undefined): number {
  return (number(value) ?? 0) * (unitMs[unit ?? 'second'] ?? 1000);
}

/** Numbers as Erlang reads them: `5`, `0.5`, `1.0e3`, but neither `.5` nor `1e3` nor `-5`. */
export function number(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d+(\.\d+([eE][+-]?\d+)?)?$/.test(value)) return undefined;
  return Number(value);
}
