/** Finds what is wrong with the load a scenario plans. */

import type { Problem } from '../../../errors.ts';
import { number, readLoad, sessionNamesOf, toMs } from '../scenario/load.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element } from '../xml/tree.ts';

const wholeHint = 'write a whole number, and its unit in "unit"';

export function loadProblems(root: Element, where: Where): readonly Problem[] {
  const load = root.children.find(({ name }) => name === 'load');
  if (load === undefined) return [];
  const phases = descendants(load, 'arrivalphase');
  const problems = [
    ...phases.flatMap((phase) => phaseProblems(phase, where)),
    ...duplicateProblems(phases, where),
  ];
  if (problems.length > 0) return problems;
  const { users, durationMs } = readLoad(load, sessionNamesOf(root));
  if (users > 0) return [];
  return [
    {
      code: 'TSUNG_LOAD',
      message: `the load of ${durationMs / 1000} s has no users`,
      hint: 'raise the arrival rate or the duration: their product, rounded, is the number of users',
      where: where(load.start),
    },
  ];
}

function phaseProblems(phase: Element, where: Where): readonly Problem[] {
  const label = `arrival phase "${phase.attribute('phase') ?? ''}"`;
  const problem = (message: string, hint: string, element = phase): Problem => ({
    code: 'TSUNG_LOAD',
    message: `${label} ${message}`,
    hint,
    where: where(element.start),
  });
  const problems: Problem[] = [];
  const duration = phase.attribute('duration');
  if (!isWhole(duration))
    problems.push(problem(`has the invalid duration "${duration}"`, wholeHint));
  else if (toMs(duration, phase.attribute('unit')) === 0) {
    problems.push(problem('has a duration of 0', 'give it a duration'));
  }
  if (!isWhole(phase.attribute('phase'))) {
    problems.push(problem('has a name that is not a number', 'phases are numbered: 1, 2, 3'));
  }
  const users = descendants(phase, 'users');
  if (users.length === 0) {
    problems.push(problem('has no users', 'add <users arrivalrate="…" unit="second"/>'));
  }
  return [...problems, ...users.flatMap((one) => rateProblems(one, problem))];
}

function rateProblems(
  users: Element,
  problem: (message: string, hint: string, element: Element) => Problem,
): readonly Problem[] {
  const hint = 'give its <users> one of arrivalrate and interarrival, as a number above 0';
  const [rate, gap] = [users.attribute('arrivalrate'), users.attribute('interarrival')];
  const problems: Problem[] = [];
  if ((rate === undefined) === (gap === undefined)) {
    problems.push(problem('has both or neither of arrivalrate and interarrival', hint, users));
  } else if (!((number(rate ?? gap) ?? 0) > 0)) {
    problems.push(problem(`has the invalid rate "${rate ?? gap}"`, hint, users));
  }
  const most = users.attribute('maxnumber');
  if (most !== undefined && !isWhole(most)) {
    problems.push(problem(`has the invalid maxnumber "${most}"`, wholeHint, users));
  }
  return problems;
}

function duplicateProblems(phases: readonly Element[], where: Where): readonly Problem[] {
  const seen = new Set<string | undefined>();
  return phases.flatMap((phase) => {
    const label = phase.attribute('phase');
    if (!seen.has(label)) {
      seen.add(label);
      return [];
    }
    return [
      {
        code: 'TSUNG_LOAD' as const,
        message: `there are two arrival phases "${label}"`,
        hint: 'number the phases 1, 2, 3',
        where: where(phase.start),
      },
    ];
  });
}

function isWhole(value: string | undefined): boolean {
  return value !== undefined && /^\d+$/.test(value);
}
