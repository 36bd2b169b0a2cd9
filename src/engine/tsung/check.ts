/** Everything that is wrong with a scenario, told before any load is sent. */

import type { Problem } from '../../errors.ts';
import type { Scenario } from '../engine.ts';
import { loadProblems } from './check-load.ts';
import { sessionProblems } from './check-sessions.ts';
import { targetProblems } from './check-targets.ts';
import { valueProblems } from './check-values.ts';
import { dtdProblems } from './dtd.ts';
import { resolveFiles } from './file-references.ts';
import { type Install, sessionTypes } from './install.ts';
import { prepare, whereOfLine } from './prepare.ts';
import type { Resolve } from './resolve.ts';
import { rewrite } from './rewrite.ts';

type CheckOptions = Readonly<{
  install: Install;
  scenario: Scenario;
  resolve: Resolve;
  signal: AbortSignal;
}>;

/** A document that cannot be read has no further problems: they would be guesses. */
export async function checkScenario(options: CheckOptions): Promise<readonly Problem[]> {
  const { install, scenario, resolve, signal } = options;
  const prepared = await prepare(scenario);
  if (prepared.problems.length > 0) return prepared.problems;
  const { root, where } = prepared;
  // What will run is judged, but for what Onager itself puts in: its lines are the prepared text's.
  const { text } = rewrite({
    prepared,
    host: { memoryBytes: 0, samples: true },
    dtd: install.dtd,
  });
  const [dtd, types, targets] = await Promise.all([
    dtdProblems({
      text,
      dtd: install.dtd,
      whereOfLine: (line) => whereOfLine(prepared, line),
      signal,
    }),
    sessionTypes(install),
    targetProblems(prepared, resolve, signal),
  ]);
  const known = [
    ...sessionProblems(root, where, types),
    ...valueProblems(prepared),
    ...resolveFiles(prepared).problems,
    ...loadProblems(root, where),
    ...targets,
  ];
  // The DTD lists the session types too: a type that is not installed is told once.
  const isUnknownType = known.some(({ code }) => code === 'TSUNG_SESSION_TYPE');
  const others = dtd.filter(
    ({ message }) =>
      !(isUnknownType && /^attribute "(new_)?type" of <(session|change_type)>/.test(message)),
  );
  return [...others, ...known];
}
