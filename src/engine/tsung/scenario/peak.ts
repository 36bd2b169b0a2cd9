/** How many requests a second a scenario plans at most. */

import type { PeakLoad } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { number, readLoad, sessionNamesOf } from './load.ts';
import { createMatcher } from './session-matcher.ts';

/** Why it is not known before the load. */
class Unknown extends Error {}

/**
 * The rate at which users arrive times what each sends: no more can be asked of the target, however
 * long its answers take. What a condition may skip counts.
 */
export function peakOf(root: Element): PeakLoad | Readonly<{ unknown: string }> {
  try {
    return knownPeak(root);
  } catch (error) {
    if (error instanceof Unknown) return { unknown: error.message };
    throw error;
  }
}

function knownPeak(root: Element): PeakLoad {
  const [load] = descendants(root, 'load');
  if (load === undefined) throw new Unknown('it has no <load>');
  if (load.children.some(({ name }) => name === 'user'))
    throw new Unknown('it starts users one by one (<user>), not at a rate');
  const sessions = descendants(root, 'session');
  const names = sessionNamesOf(root);
  const { phases } = readLoad(load, names);
  const elements = load.children.filter(({ name }) => name === 'arrivalphase');
  const byName = new Map(elements.map((element) => [element.attribute('phase') ?? '', element]));
  const rates = phases.map(({ name, arrivalRate }) => {
    if (arrivalRate === undefined)
      throw new Unknown(`users of arrival phase ${name} do not arrive at a rate`);
    const shares = sharesOf(sessions, names, byName.get(name));
    const whole = shares.reduce((sum, share) => sum + share, 0);
    const requests = sessions.map((session, at) =>
      shares[at] === 0 ? 0 : ((shares[at] ?? 0) / whole) * requestsIn(session),
    );
    const perUser = requests.reduce((sum, one) => sum + one, 0);
    return { usersPerSecond: arrivalRate, requestsPerSecond: arrivalRate * perUser };
  });
  const [highest] = rates.toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond);
  if (highest === undefined) throw new Unknown('no users arrive at a rate');
  return highest;
}

/** A phase may change the shares of sessions. */
function sharesOf(
  sessions: readonly Element[],
  names: readonly string[],
  phase: Element | undefined,
): readonly number[] {
  const shares = sessions.map(shareOf);
  const matched = createMatcher(names);
  for (const setup of phase === undefined ? [] : descendants(phase, 'session_setup'))
    for (const at of matched(setup.attribute('name') ?? '')) shares[at] = shareOf(setup);
  return shares;
}

function shareOf(element: Element): number {
  return number(element.attribute('weight') ?? element.attribute('probability')) ?? 0;
}

function requestsIn({ children }: Element): number {
  return children.reduce((sum, child) => sum + requestsOf(child), 0);
}

function requestsOf(element: Element): number {
  switch (element.name) {
    case 'request':
      if (descendants(element, 'match').some((match) => loops.has(match.attribute('do') ?? '')))
        throw new Unknown('a request is repeated as long as an answer says so (<match>)');
      return 1;
    case 'for':
      return timesOf(element) * requestsIn(element);
    case 'repeat':
    case 'foreach': {
      if (requestsIn(element) === 0) return 0;
      throw new Unknown(`<${element.name}> repeats requests as often as the answers say`);
    }
    default:
      return requestsIn(element);
  }
}

const loops = new Set(['loop', 'restart']);

function timesOf(element: Element): number {
  const [from, to, step] = ['from', 'to', 'incr'].map((name) => number(element.attribute(name)));
  if (from === undefined || to === undefined)
    throw new Unknown('<for> repeats requests as often as a variable says');
  return Math.max(0, Math.floor((to - from) / (step ?? 1)) + 1);
}
