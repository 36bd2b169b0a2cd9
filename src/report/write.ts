/** The three files of a report: summary.json, report.html, junit.xml. */

import { readFile } from 'node:fs/promises';
import { writeWhole } from '../files/files.ts';
import type { Measurements } from '../results/measurements.ts';
import type { RunFolder } from '../run/folder.ts';
import type { RunState } from '../run/state.ts';
import { reportHtml } from './html.ts';
import { junitXml } from './junit.ts';
import { type ReportFile, readLogTails } from './log-tails.ts';
import { type Summary, summarize } from './summary.ts';
import { parseSummary } from './summary-schema.ts';

type ReportPaths = Pick<RunFolder, 'summaryJson' | 'reportHtml' | 'junitXml'>;

/** The report lists at most this many files. */
const maxFiles = 2_000;

/** Without measurements the report says why there are none. */
export async function writeReport(
  paths: ReportPaths,
  {
    state,
    measurements,
    listFiles,
    pageTemplate,
    now,
  }: Readonly<{
    state: RunState;
    measurements: Measurements | undefined;
    /**
     * The run's files as they are published. Called once summary.json and junit.xml are written, so
     * that the report lists them too.
     */
    listFiles(): Promise<readonly ReportFile[]>;
    pageTemplate: string;
    now: Date;
  }>,
): Promise<Summary> {
  const summary = summarize(state, measurements, { final: true, now });
  await writeSummary(paths.summaryJson, summary);
  await writeWhole(paths.junitXml, junitXml(summary));
  const found = await listFiles();
  const files = found
    .filter(({ key }) => key !== 'report.html')
    .slice(0, maxFiles)
    .map(({ key, bytes, source }) => ({
      key,
      bytes,
      ...(source === undefined ? {} : { source }),
    }));
  const data = { run: state, summary, files, logs: await readLogTails(found) };
  await writeWhole(paths.reportHtml, reportHtml(pageTemplate, data));
  return summary;
}

export async function writeSummary(path: string, summary: Summary): Promise<void> {
  await writeWhole(path, `${JSON.stringify(summary)}\n`);
}

/**
 * The last summary of a run as an earlier process wrote it; undefined if there is none, or none
 * that this version understands: its figures can be measured again.
 */
export async function readFinalSummary(path: string): Promise<Summary | undefined> {
  try {
    const summary = parseSummary(await readFile(path, 'utf8'));
    // If the last one could not be written, one from the middle of the run is still there.
    return summary.final ? summary : undefined;
  } catch {
    return undefined;
  }
}
