/** `onager report`: results and report once more, from what the engine wrote. */

import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasCode, OnagerError } from '../errors.ts';
import { makeFolder } from '../files/files.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import { closingTable } from '../report/table.ts';
import { writeReport } from '../report/write.ts';
import { measure } from '../results/meter.ts';
import { runFolder } from '../run/folder.ts';
import { outputInWords } from './output.ts';
import { openReportedRun } from './reported-run.ts';

/** What to tell the user, and the exit code that says how the run ended. */
type Reported = Readonly<{ text: string; exit: number }>;

/** Writes summary.json, report.html and junit.xml into `out`. */
export async function report(
  dir: string,
  {
    out,
    pageTemplate,
    signal,
    abandoned,
  }: Readonly<{
    out: string | undefined;
    pageTemplate: string;
    signal: AbortSignal;
    abandoned: AbortSignal;
  }>,
): Promise<Reported> {
  // Nothing in it is read through a link; the way to it may have some.
  const folder = runFolder(await realpath(dir).catch(() => dir));
  const reportDir = out ?? folder.reportDir;
  await refuseRunFolder(reportDir, dir);
  await using run = await openReportedRun(folder, { reportDir, signal, abandoned });
  const { state, isPart, whatToMeasure, listFiles } = run;
  const measurements = await measure({ ...whatToMeasure, signal });
  try {
    await makeFolder(reportDir);
    const summary = await writeReport(
      {
        summaryJson: join(reportDir, 'summary.json'),
        reportHtml: join(reportDir, 'report.html'),
        junitXml: join(reportDir, 'junit.xml'),
      },
      { state, measurements, listFiles, pageTemplate, now: new Date() },
    );
    const text = `${closingTable(summary)}\nreport   ${join(reportDir, 'report.html')}\n`;
    const exit = exitCodeOf(state, summary.slo.verdict);
    // Objectives that a part of the run met are not met by the run.
    return { text, exit: isPart && exit <= 1 ? 3 : exit };
  } catch (error) {
    throw outputInWords(reportDir, error);
  }
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
