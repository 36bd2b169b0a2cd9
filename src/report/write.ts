/** The three files of a report: summary.json, report.html, junit.xml. */

import { readFile } from 'node:fs/promises';
import { writeWhole } from '../files/files.ts';
import type { Measurements } from '../results/measurements.ts';
import type { RunFolder } from '../run/folder.ts';
import type { RunState } from '../run/state.ts';
import { reportHtml } from './html.ts';
import { junitXml } from './junit.ts';
import { type ReportFile, readLogTails } from './log-tails.ts';
import type { Summary } from './summary.ts';
import { summarize } from './summary.ts';

type ReportPaths = Pick<RunFolder, 'summaryJson' | 'reportHtml' | 'junitXml'>;

/** The report lists no more files than this. */
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
     * The run's files as they are published, of which the report tells once summary.json and
     * junit.xml are among them.
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
 * The last summary of a run as an earlier process wrote it; undefined where there is none, or none
 * that this version understands.
 */
export async function readFinalSummary(path: string): Promise<Summary | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    // One of mid-run is still there where the last could not be written.
    return isSummary(value) && value.final ? value : undefined;
  } catch {
    // A cache, whatever is wrong with it: what it said can be measured again.
    return undefined;
  }
}

// Written whole by this program: the schema's name tells.
function isSummary(value: unknown): value is Summary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    value.schema === 'onager.summary/1'
  );
}
