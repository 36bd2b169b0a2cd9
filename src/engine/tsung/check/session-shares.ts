/** Finds sessions whose shares of the users are missing, mixed, or do not add up. */

import type { Problem } from '../../../errors.ts';
import { number } from '../scenario/load.ts';
import { createMatcher } from '../scenario/session-matcher.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element } from '../xml/tree.ts';

const probabilityHint =
  'give every session a probability, together 100, or every session a weight instead';

export function shareProblems(
  root: Element,
  sessions: readonly Element[],
  where: Where,
): readonly Problem[] {
  return [
    ...sessions.flatMap((session) => ownShareProblems(session, where)),
    ...mixtureProblems(sessions, where),
    ...sumProblems(root, sessions, where),
  ];
}

function ownShareProblems(session: Element, where: Where): readonly Problem[] {
  const name = session.attribute('name') ?? '';
  const written = ['probability', 'weight'].filter((key) => session.attribute(key) !== undefined);
  const wrong = written.find((key) => number(session.attribute(key)) === undefined);
  const problem = (message: string): readonly Problem[] => [
    { code: 'TSUNG_PROBABILITY', message, hint: probabilityHint, where: where(session.start) },
  ];
  if (wrong !== undefined) {
    return problem(`${wrong} "${session.attribute(wrong)}" of session "${name}" is not a number`);
  }
  if (written.length === 0) return problem(`session "${name}" has no probability and no weight`);
  if (written.length === 2) return problem(`session "${name}" has both a probability and a weight`);
  return [];
}

function mixtureProblems(sessions: readonly Element[], where: Where): readonly Problem[] {
  const [first] = sessions;
  if (first === undefined) return [];
  const key = first.attribute('weight') === undefined ? 'probability' : 'weight';
  const other = sessions.find((session) => session.attribute(key) === undefined);
  if (other === undefined || first.attribute(key) === undefined) return [];
  return [
    {
      code: 'TSUNG_PROBABILITY',
      message: `session "${first.attribute('name')}" has a ${key}, session "${other.attribute('name')}" has none`,
      hint: probabilityHint,
      where: where(other.start),
    },
  ];
}

/**
 * Tsung requires a sum of 100 in each arrival phase, where `<session_setup>` can change a session's
 * share; weights may have any sum.
 */
function sumProblems(
  root: Element,
  sessions: readonly Element[],
  where: Where,
): readonly Problem[] {
  if (sessions.some((session) => number(session.attribute('probability')) === undefined)) return [];
  const own = sessions.map((session) => shareOf(session));
  const whole = own.reduce((total, share) => total + share, 0);
  const matched = createMatcher(sessions.map((session) => session.attribute('name') ?? ''));
  const sums = descendants(root, 'arrivalphase').flatMap((phase) => {
    const setups = descendants(phase, 'session_setup');
    if (setups.some((setup) => setup.attribute('weight') !== undefined)) return [];
    const shares = new Map<number, number>();
    for (const setup of setups) {
      for (const index of matched(setup.attribute('name') ?? '')) shares.set(index, shareOf(setup));
    }
    const sum = [...shares].reduce((total, [at, share]) => total + share - (own[at] ?? 0), whole);
    return Math.abs(100 - sum) < 0.05 ? [] : [{ sum, phase, isOwn: setups.length > 0 }];
  });
  // Phases without their own set-up share the sessions' sum, which is reported once, at the
  // sessions.
  const usual = sums.find(({ isOwn }) => !isOwn);
  const [firstSession] = sessions;
  return [...(usual === undefined ? [] : [usual]), ...sums.filter(({ isOwn }) => isOwn)].map(
    ({ sum, phase, isOwn }) => ({
      code: 'TSUNG_PROBABILITY' as const,
      message: `${sumInWords(sessions.length, sum)}${
        isOwn ? `, in arrival phase ${phase.attribute('phase')}` : ''
      }`,
      hint: probabilityHint,
      where: where((isOwn ? phase : (firstSession ?? phase)).start),
    }),
  );
}

function sumInWords(sessions: number, sum: number): string {
  if (sessions === 1) return `the probability of the only session is ${round(sum)}, not 100`;
  return `the probabilities of ${sessions} sessions add up to ${round(sum)}, not to 100`;
}

function shareOf(element: Element): number {
  return number(element.attribute('probability')) ?? 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
