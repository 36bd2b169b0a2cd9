/** `onager report`: results and report once more, from what the engine wrote. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readResolved } from '../agent/resolved.ts';
import { readPlan } from '../engine/plan-file.ts';
import { OnagerError } from '../errors.ts';
import { publishedFiles } from '../publish/layout.ts';
import { closingTable } from '../report/table.ts';
import { writeReport } from '../report/write.ts';
import { measure } from '../results/meter.ts';
import { runFolder } from '../run/folder.ts';
import { readRunState } from '../run/store.ts';

/** Writes summary.json, report.html and junit.xml into `out` and gives the closing table. */
export async function report(
  dir: string,
  {
    out,
    pageTemplate,
    signal,
  }: Readonly<{ out: string | undefined; pageTemplate: string; signal: AbortSignal }>,
): Promise<string> {
  const folder = runFolder(dir);
  const state = await readPart(folder.runJson, readRunState);
  if (state === undefined || state === 'unreadable') {
    throw new OnagerError('RUN_UNREADABLE', `${folder.runJson} is missing or no run state`, {
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
  const reportDir = out ?? folder.reportDir;
  await mkdir(reportDir, { recursive: true });
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
  return `${closingTable(summary)}\nreport   ${join(reportDir, 'report.html')}\n`;
}

async function readPart<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new OnagerError('RUN_UNREADABLE', `${path} cannot be used: ${words}`, {
      hint: 'name the whole folder of one run as the agent left it, and see that you may read it',
      cause,
    });
  }
}
