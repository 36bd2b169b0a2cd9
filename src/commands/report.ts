/** `onager report`: results and report once more, from what the engine wrote. */

import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readExit } from '../engine/handover/exit-file.ts';
import { readPlan } from '../engine/handover/plan-file.ts';
import { hasCode, messageOf, OnagerError } from '../errors.ts';
import { makeFolder } from '../files/files.ts';
import { publishedFiles } from '../publish/files.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import { closingTable } from '../report/table.ts';
import { writeReport } from '../report/write.ts';
import { measure } from '../results/meter.ts';
import { type RunFolder, runFolder } from '../run/folder.ts';
import { readLoadEnd, withLoadEnd } from '../run/load-end.ts';
import { readResolved } from '../run/resolved.ts';
import type { RunState } from '../run/state.ts';
import { readRunState } from '../run/store.ts';
import { outputInWords } from './output.ts';

/** What to tell the user, and the exit code that says how the run ended. */
type Reported = Readonly<{ text: string; exit: number }>;

/** Writes summary.json, report.html and junit.xml into `out`. */
export async function report(
  dir: string,
  {
    out,
    pageTemplate,
    signal,
  }: Readonly<{ out: string | undefined; pageTemplate: string; signal: AbortSignal }>,
): Promise<Reported> {
  // Nothing in it is read through a link; the way to it may have some.
  const folder = runFolder(await realpath(dir).catch(() => dir));
  const reportDir = out ?? folder.reportDir;
  await refuseRunFolder(reportDir, dir);
  const found = await readPart(folder.runJson, readRunState);
  if (found === undefined) {
    throw new OnagerError('RUN_UNREADABLE', `${folder.runJson} is missing`, {
      hint: 'name the folder of one run, such as /var/lib/onager/runs/20261122T221000Z-i-0abc',
    });
  }
  const resolved = await readPart(folder.resolvedJson, readResolved);
  if (resolved === undefined) {
    const message = `the run in ${dir} never came to a plan, or its resolved.json is broken`;
    throw new OnagerError('RUN_UNREADABLE', message, {
      hint: 'there is nothing to measure; what went wrong is in its run.json',
    });
  }
  const plan = await readPart(folder.planJson, readPlan);
  const measurements = await measure({
    engine: resolved.engine,
    engineDir: folder.engineDir,
    plan,
    slo: resolved.settings.slo,
    signal,
  });
  const state = await readPart(folder.exitJson, () => withOutcome(found, folder, resolved.engine));
  try {
    await makeFolder(reportDir);
    const summary = await writeReport(
      {
        summaryJson: join(reportDir, 'summary.json'),
        reportHtml: join(reportDir, 'report.html'),
        junitXml: join(reportDir, 'junit.xml'),
      },
      {
        state,
        measurements,
        listFiles: () => publishedFiles(folder),
        pageTemplate,
        now: new Date(),
      },
    );
    const text = `${closingTable(summary)}\nreport   ${join(reportDir, 'report.html')}\n`;
    return { text, exit: exitCodeOf(state, summary.slo.verdict) };
  } catch (error) {
    throw outputInWords(reportDir, error);
  }
}

/**
 * The state with its outcome, which an agent that was killed did not come to write. As it is where
 * that is known already, or where the engine never came to an end.
 */
async function withOutcome(
  state: RunState,
  { engineDir }: RunFolder,
  engineName: string,
): Promise<RunState> {
  if (state.outcome !== undefined || state.problems.length > 0) return state;
  const exit = await readExit(engineDir);
  if (exit === undefined) return state;
  // The folder may have come from another machine, whose boots nobody knows here.
  const end = await readLoadEnd(state, { engineName, engineDir, exit, bootId: undefined });
  const phase = end.outcome.kind === 'failed' ? 'failed' : 'finished';
  return { ...state, ...withLoadEnd(state, end), phase };
}

// The run folder has a place for each of its files: three more at the top would look like the run's
// own.
async function refuseRunFolder(reportDir: string, dir: string): Promise<void> {
  if (reportDir !== '' && !(await isSame(reportDir, dir))) return;
  const message = reportDir === '' ? '--out is empty' : `${resolve(dir)} is the run folder itself`;
  throw new OnagerError('OUT_INVALID', message, {
    hint: 'leave --out out for the report/ in the run folder, or give it another folder',
  });
}

async function isSame(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(one), stat(other)]);
    return a.ino === b.ino && a.dev === b.dev;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].some((code) => hasCode(error, code)))
      return false;
    throw error;
  }
}

async function readPart<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (cause) {
    const words = messageOf(cause);
    throw new OnagerError('RUN_UNREADABLE', `${path} cannot be used: ${words}`, {
      hint: 'name the whole folder of one run as the agent left it, and see that you may read it',
      cause,
    });
  }
}
