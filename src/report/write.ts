/** The three files of a report: summary.json, report.html, junit.xml. */

import { readIfThere, writeWhole } from '../files.ts';
import type { Measurements, Summary } from '../results/summary.ts';
import type { RunFolder } from '../run/folder.ts';
import type { RunState } from '../run/state.ts';
import { reportHtml } from './html.ts';
import { junitXml } from './junit.ts';
import { summarize } from './summarize.ts';

export type ReportPaths = Pick<RunFolder, 'summaryJson' | 'reportHtml' | 'junitXml'>;

/** Without measurements the report says why there are none. */
export async function writeReport(
  paths: ReportPaths,
  {
    state,
    measurements,
    pageTemplate,
    now,
  }: Readonly<{
    state: RunState;
    measurements: Measurements | undefined;
    pageTemplate: string;
    now: Date;
  }>,
): Promise<Summary> {
  const summary = summarize(state, measurements, { final: true, now });
  await writeSummary(paths.summaryJson, summary);
  await writeWhole(paths.reportHtml, reportHtml(pageTemplate, { run: state, summary }));
  await writeWhole(paths.junitXml, junitXml(summary));
  return summary;
}

export async function writeSummary(path: string, summary: Summary): Promise<void> {
  await writeWhole(path, `${JSON.stringify(summary)}\n`);
}

/** The summary an earlier process wrote; undefined where there is none, or none that this version understands. */
export async function readSummary(path: string): Promise<Summary | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isSummary(value) ? value : undefined;
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
