/** Finds everything that is wrong with a scenario before any load is sent. */

import type { Problem } from '../../../errors.ts';
import { createLines } from '../../../files/lines.ts';
import type { Patience } from '../../engine.ts';
import { type Install, sessionTypes } from '../run/install.ts';
import { resolveFiles } from '../scenario/file-references.ts';
import { type Prepared, whereOfLine } from '../scenario/prepare.ts';
import type { Rewritten } from '../scenario/rewrite.ts';
import { parseTree } from '../xml/tree.ts';
import { dtdProblems } from './dtd/problems.ts';
import { loadProblems } from './load.ts';
import { protocolProblems } from './protocols.ts';
import { readerMs } from './reader/ask.ts';
import { readerVerdict } from './reader/check.ts';
import type { Resolve } from './resolve.ts';
import { sessionProblems } from './sessions.ts';
import { targetProblems } from './targets.ts';
import { valueProblems } from './values.ts';
import { dataFileFindings } from './variables/files.ts';
import { versionProblems } from './versions.ts';
import { createWaits } from './waits.ts';

type CheckOptions = Readonly<{
  install: Install;
  /** The folder of Onager's compiled modules. */
  modules: string;
  /** Whether certificates of targets will be verified. */
  tlsVerify: boolean;
  prepared: Prepared;
  rewritten: Rewritten;
  resolve: Resolve;
  /** Called with what the check waits for. */
  patience?: Patience | undefined;
  signal: AbortSignal;
}>;

type Findings = Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }>;

/** What will run is judged: the rewritten text, whose lines are the prepared text's. */
export async function checkScenario(options: CheckOptions): Promise<Findings> {
  const { install, modules, tlsVerify, prepared, rewritten, resolve, patience, signal } = options;
  const named = createWaits(patience?.onWaiting);
  const { root, rules, where } = prepared;
  // Tsung's own reader answers last, so it starts first: most of its time is Erlang's start.
  const ours = new AbortController();
  const hosts = named('the addresses of the targets', {
    limitMs: patience?.patienceMs ?? 0,
    done: targetProblems(prepared, resolve, signal),
  });
  const verdict = named("Tsung's own verdict on the scenario", {
    limitMs: readerMs,
    done: readerVerdict({
      install,
      modules,
      tlsVerify,
      prepared,
      rewritten,
      signal: AbortSignal.any([signal, ours.signal]),
    }),
  });
  verdict.catch(() => undefined);
  const [types, files, targets] = await Promise.all([
    sessionTypes(install),
    dataFileFindings(prepared),
    hosts,
  ]);
  const lines = createLines(rewritten.text);
  const found = [
    ...dtdProblems(
      {
        root: parseTree(rewritten.text),
        text: rewritten.text,
        where: (offset) => whereOfLine(prepared, lines.lineOf(offset)),
        types,
      },
      rules,
    ),
    ...sessionProblems(root, where, types),
    ...protocolProblems(root, where, types),
    ...valueProblems(prepared),
    ...versionProblems(prepared, install.version),
    ...resolveFiles(prepared).problems,
    ...files.problems,
    ...loadProblems(root, where),
    ...targets,
  ];
  if (found.length > 0) {
    ours.abort();
    return { problems: found, warnings: files.warnings };
  }
  const { problems, warnings } = await verdict;
  return { problems, warnings: [...files.warnings, ...warnings] };
}
