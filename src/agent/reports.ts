/** Writes the report of a run, which is a cache: where it cannot be written, the run goes on and says so. */

import { mkdir } from 'node:fs/promises';
import type { ErrorCode } from '../errors.ts';
import { publishedFiles } from '../publish/layout.ts';
import { writeReport } from '../report/write.ts';
import { warn, withdraw } from '../run/warnings.ts';
import type { Run } from './run.ts';

const notWritten: ErrorCode = 'REPORT_NOT_WRITTEN';

/** Never rejects. */
export async function writeReports(run: Run): Promise<void> {
  const { board, folder, log, now, pageTemplate, store } = run;
  // What failed before is tried again, and a report that is there does not say that it is not.
  await withdraw(store, notWritten);
  try {
    await mkdir(folder.reportDir, { recursive: true });
    await writeReport(folder, {
      state: store.current(),
      measurements: board.measurements(),
      listFiles: () => filesOf(run),
      pageTemplate,
      now: now(),
    });
  } catch (error) {
    log.error({ err: error }, 'the report could not be written');
    const words = error instanceof Error ? error.message : String(error);
    await warn(store, [
      {
        code: notWritten,
        message: `the report could not be written: ${words}`,
        hint: 'the page still has the results; see that the disk has space (df -h), then `onager report RUN_DIR` writes it from the files of the engine',
      },
    ]);
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
