/** What a scenario's `<load>` plans: when users arrive, and how many. */

import type { LoadPhase } from '../engine.ts';
import type { Element } from './xml-tree.ts';

/** `durationMs`: the time in which users arrive. `cutMs`: when the scenario itself ends the test, whoever still runs. */
export type Load = Readonly<{
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

export function readLoad(load: Element, sessionNames: readonly string[]): Load {
  const cutMs = toMs(load.attribute('duration'), load.attribute('unit'));
  const rounds = 1 + (Number(load.attribute('loop') ?? 0) || 0);
  const once = load.children
    .filter(({ name }) => name === 'arrivalphase')
    .toSorted((a, b) => Number(a.attribute('phase')) - Number(b.attribute('phase')));
  const phases: LoadPhase[] = [];
  let startMs = 0;
  let users = 0;
  for (let round = 0; round < Math.min(rounds, maxRounds); round++) {
    for (const element of once) {
      const { phase, count } = readPhase(element, startMs, cutMs);
      if (cutMs > 0 && startMs >= cutMs) break;
      phases.push({ ...phase, users: count });
      users += count;
      startMs += phase.durationMs;
    }
  }
  const fixed = load.children.filter(({ name }) => name === 'user');
  for (const user of fixed) users += matches(user.attribute('session') ?? '', sessionNames);
  const lastFixedMs = Math.max(
    0,
    ...fixed.map((user) => toMs(user.attribute('start_time'), user.attribute('unit'))),
  );
  const arrivalMs = Math.max(startMs, lastFixedMs);
  return {
    phases: untilOneWaits(phases, once),
    durationMs: cutMs > 0 ? Math.min(arrivalMs, cutMs) : arrivalMs,
    ...(cutMs > 0 ? { cutMs } : {}),
    users,
  };
}

/** After a phase that waits until all its users are done, nobody knows when the next ones begin. */
function untilOneWaits(phases: readonly LoadPhase[], once: readonly Element[]): LoadPhase[] {
  const waits = once.findIndex((phase) => phase.attribute('wait_all_sessions_end') === 'true');
  return phases.map(({ users, ...phase }, at) =>
    users === undefined || (waits !== -1 && at > waits) ? phase : { ...phase, users },
  );
}

/** A loop of more rounds than this is shown without the rest. */
const maxRounds = 1_000;

function readPhase(
  element: Element,
  startMs: number,
  cutMs: number,
): Readonly<{ phase: LoadPhase; count: number }> {
  const wholeMs = toMs(element.attribute('duration'), element.attribute('unit'));
  const durationMs = cutMs > 0 ? Math.max(0, Math.min(wholeMs, cutMs - startMs)) : wholeMs;
  // Of several <users> in a phase Tsung obeys the last.
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

/** Users per second; undefined where the scenario does not say one. */
function ratePerSecond(users: Element): number | undefined {
  const perUnitMs = unitMs[users.attribute('unit') ?? 'second'] ?? 1000;
  const rate = number(users.attribute('arrivalrate'));
  if (rate !== undefined) return (rate * 1000) / perUnitMs;
  const interarrival = number(users.attribute('interarrival'));
  return interarrival === undefined || interarrival === 0
    ? undefined
    : 1000 / (interarrival * perUnitMs);
}

export function toMs(value: string | undefined, unit: string | undefined): number {
  return (number(value) ?? 0) * (unitMs[unit ?? 'second'] ?? 1000);
}

/** Numbers as Erlang reads them: `5`, `0.5`, `1.0e3`, but neither `.5` nor `1e3` nor `-5`. */
export function number(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d+(\.\d+([eE][+-]?\d+)?)?$/.test(value)) return undefined;
  return Number(value);
}

/** How many sessions a name with `*` in it means. */
export function matches(pattern: string, names: readonly string[]): number {
  const parts = pattern.split('*');
  return names.filter((name) => fits(name, parts)).length;
}

/** Not a regular expression: it would go back to each `*`, in all combinations. */
function fits(name: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
