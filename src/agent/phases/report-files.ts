/**
 * Writes the report of a run. The report is a cache: if it cannot be written, the run continues
 * with a warning.
 */

import { mkdir } from 'node:fs/promises';
import { type ErrorCode, messageOf } from '../../errors.ts';
import { publishedFiles, refusedProblem, surveyRun } from '../../publish/files.ts';
import { writeReport } from '../../report/write.ts';
import { unwarn, warn } from '../../run/warnings.ts';
import type { Run } from '../run.ts';

const notWritten: ErrorCode = 'REPORT_NOT_WRITTEN';

/** Never rejects. */
export async function writeReports(run: Run): Promise<void> {
  const { results, folder, log, now, pageTemplate, store } = run;
  // An earlier failure is retried, and a report that is written must not say that it is not.
  await unwarn(store, notWritten);
  await tellRefused(run);
  try {
    await mkdir(folder.reportDir, { recursive: true });
    await writeReport(folder, {
      state: store.current(),
      measurements: results.measurements(),
      listFiles: () => filesOf(run),
      pageTemplate,
      now: now(),
    });
  } catch (error) {
    log.error({ err: error }, 'the report could not be written');
    const words = messageOf(error);
    await warn(store, [
      {
        code: notWritten,
        message: `the report could not be written: ${words}`,
        hint: 'the page still has the results; see that the disk has space (df -h), then `onager report RUN_DIR` writes it from the files of the engine',
      },
    ]);
  }
}

/** Warns about files in the engine's folder that are left out, as of now. */
async function tellRefused({ folder, log, store }: Run): Promise<void> {
  try {
    const problem = refusedProblem(folder, (await surveyRun(folder)).refused);
    if (problem === undefined) return;
    log.warn({ problem }, 'not everything in the run folder can be read');
    await unwarn(store, problem.code);
    await warn(store, [problem]);
  } catch (error) {
    log.warn({ err: error }, 'the files of the run cannot be listed');
  }
}

async function filesOf({ folder, log }: Run): ReturnType<typeof publishedFiles> {
  try {
    return await publishedFiles(folder);
  } catch (error) {
    log.warn({ err: error }, 'the report cannot list the files of the run');
    return [];
  }
}
