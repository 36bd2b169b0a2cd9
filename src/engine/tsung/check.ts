/** Everything that is wrong with a scenario, told before any load is sent. */

import type { Problem } from '../../errors.ts';
import { createLines } from '../../lines.ts';
import type { Change, Patience, Scenario } from '../engine.ts';
import { readerMs } from './ask-reader.ts';
import { readerVerdict } from './check-by-reader.ts';
import { contentProblems } from './check-content.ts';
import { loadProblems } from './check-load.ts';
import { protocolProblems } from './check-protocols.ts';
import { sessionProblems } from './check-sessions.ts';
import { targetProblems } from './check-targets.ts';
import { valueProblems } from './check-values.ts';
import { dtdProblems, xmllintMs } from './dtd.ts';
import { readDtdRules } from './dtd-rules.ts';
import { resolveFiles } from './file-references.ts';
import { type Install, sessionTypes } from './install.ts';
import { prepare, whereOfLine } from './prepare.ts';
import type { Resolve } from './resolve.ts';
import { rewrite } from './rewrite.ts';
import { createWaits } from './waits.ts';
import { parseTree } from './xml-tree.ts';

type CheckOptions = Readonly<{
  install: Install;
  scenario: Scenario;
  resolve: Resolve;
  /** Told what is no problem, but must be known. */
  onNote: (note: Change) => void;
  /** Told what is waited for. */
  patience?: Patience | undefined;
  signal: AbortSignal;
}>;

/** A document that cannot be read has no further problems: they would be guesses. */
export async function checkScenario(options: CheckOptions): Promise<readonly Problem[]> {
  const { install, scenario, resolve, onNote, patience, signal } = options;
  const named = createWaits(patience?.onWaiting);
  const prepared = await prepare(scenario, install.dtd);
  if (prepared.problems.length > 0) return prepared.problems;
  const { root, where } = prepared;
  const rules = await readDtdRules(install.dtd);
  // What will run is judged, but for what Onager itself puts in: its lines are the prepared text's.
  const rewritten = rewrite({
    prepared,
    host: { memoryBytes: 0, samples: true },
    dtd: install.dtd,
  });
  // Tsung's own reader is the last to be heard, and starts at once: most of what it takes is
  // Erlang's start.
  const ours = new AbortController();
  const hosts = named('the addresses of the targets', {
    limitMs: patience?.patienceMs ?? 0,
    done: targetProblems(prepared, resolve, signal),
  });
  const xmllint = named("xmllint's verdict on the scenario", {
    limitMs: xmllintMs,
    done: dtdProblems({
      text: rewritten.text,
      dtd: install.dtd,
      whereOfLine: (line) => whereOfLine(prepared, line),
      signal,
    }),
  });
  const verdict = named("Tsung's own verdict on the scenario", {
    limitMs: readerMs,
    done: readerVerdict({
      install,
      prepared,
      rewritten,
      signal: AbortSignal.any([signal, ours.signal]),
    }),
  });
  verdict.catch(() => undefined);
  const [dtd, types, targets] = await Promise.all([xmllint, sessionTypes(install), hosts]);
  const lines = createLines(rewritten.text);
  const contents = contentProblems(
    {
      root: parseTree(rewritten.text),
      text: rewritten.text,
      where: (offset) => whereOfLine(prepared, lines.lineOf(offset)),
    },
    rules,
  );
  const known = [
    ...sessionProblems(root, where, types),
    ...protocolProblems(root, where, types),
    ...valueProblems(prepared),
    ...resolveFiles(prepared).problems,
    ...loadProblems(root, where),
    ...targets,
  ];
  // What is told here with its own place, and better, is not told again by the DTD.
  const isUnknownType = known.some(({ code }) => code === 'TSUNG_SESSION_TYPE');
  const others = dtd.filter(
    ({ message }) =>
      !(isUnknownType && /^attribute "(new_)?type" of <(session|change_type)>/.test(message)) &&
      !(contents.length > 0 && / may not contain /.test(message)),
  );
  const found = [...others, ...contents, ...known];
  if (found.length > 0) {
    ours.abort();
    return found;
  }
  const { problems, note } = await verdict;
  if (note !== undefined) onNote(note);
  return problems;
}
