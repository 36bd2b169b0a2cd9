/** The results as a table for terminals: plain text with aligned columns. Pure. */

import { otherP95, percentOf } from '../results/failed-share.ts';
import { delayInWords } from '../results/generator/delay-words.ts';
import type { NameStats } from '../results/measurements.ts';
import { describeMeasured } from '../slo/format.ts';
import { counted, replaceUnseen } from '../text.ts';
import { aligned, cutToColumns, withoutColumns, wrapped } from './columns.ts';
import { howEarly, ofPart } from './early-end.ts';
import { membersTable } from './members-table.ts';
import type { Summary } from './summary.ts';

type TableOptions = Readonly<{
  /** Of the terminal, in columns: the table gives way, sentences are wrapped. Absent: none. */
  width?: number;
  /** The most names to show of each kind; the others are only counted. */
  maxNames?: number;
}>;

/** Without a line end after the last line. */
export function closingTable(
  summary: Summary,
  { width, maxNames = 20 }: TableOptions = {},
): string {
  const tableWidth = width ?? 100;
  const sentences = [
    ...delayLine(summary),
    ...errorLines(summary, tableWidth),
    '',
    outcomeLine(summary),
    ...verdictLines(summary),
    ...generatorLines(summary),
    ...sloLines(summary),
  ];
  return [
    ...namesTable(summary, tableWidth, maxNames),
    ...membersTable(summary, tableWidth),
    ...sentences.flatMap((line) => (width === undefined ? [line] : wrapped(line, width))),
  ].join('\n');
}

const header = ['name', 'count', 'rate', 'p50', 'p95', 'p99', 'max', 'failed'] as const;
/** What a narrow terminal does without, in this order. */
const dispensable = ['rate', 'max', 'p99', 'p50', 'count'] as const;

function namesTable(summary: Summary, width: number, maxNames: number): string[] {
  const { totals, latency, names } = summary;
  if (names.length === 0) return ['no requests were measured'];
  const shown = names.filter(
    ({ kind }, at) => names.slice(0, at).filter((other) => other.kind === kind).length < maxNames,
  );
  const meanMs = names.find(({ kind }) => kind === 'request')?.meanMs;
  const rows = [
    [...header],
    ...shown.map((name) => row(label(name), name)),
    row('all requests', {
      count: totals.requests,
      perSecond: totals.perSecond,
      failed: totals.failed,
      ...(latency === undefined ? {} : { latency }),
      ...(meanMs === undefined || latency !== undefined ? {} : { meanMs }),
    }),
  ];
  const hidden = names.length - shown.length;
  const note = hidden === 0 ? [] : [`… and ${counted(hidden, 'more name')}`];
  const hasMean = rows.some((cells) => cells.some((cell, at) => at > 0 && cell.startsWith('~')));
  const noPercentiles = hasMean ? ['~ mean: this run has no percentiles'] : [];
  const fitting = withoutColumns(rows, dispensable, width);
  return [
    ...aligned(fitting, width),
    ...note,
    ...noPercentiles,
    ...withoutFailures(summary, shown, width),
  ];
}

/** The p95 without failed requests, if failures change it. */
function withoutFailures(
  { latency, totals }: Summary,
  names: readonly NameStats[],
  width: number,
): string[] {
  const line = (called: string, text: string): string =>
    `  ${cutToColumns(called, width - text.length - 4)}  ${text}`;
  const { requests: count, failed } = totals;
  const all = { called: 'all requests', latency, count, failed };
  const requests = names.filter(({ kind }) => kind === 'request');
  const named = requests.map((name) => ({ ...name, called: label(name) }));
  const lines = [...named, all].flatMap(({ called, latency: its, ...of }) => {
    if (its === undefined) return [];
    if (of.failed === of.count) return [line(called, 'none, all failed')];
    const p95Ms = otherP95(its);
    return p95Ms === undefined ? [] : [line(called, duration(p95Ms))];
  });
  return lines.length === 0 ? [] : ['p95 of those that did not fail:', ...lines];
}

function delayLine({ generator: { delay } }: Summary): string[] {
  return delay === undefined ? [] : [delayInWords(delay)];
}

function label({ kind, name }: NameStats): string {
  // Pages and connections have no names of their own.
  return kind === 'request' || kind === name
    ? replaceUnseen(name)
    : `${kind} ${replaceUnseen(name)}`;
}

type Figures = Pick<NameStats, 'count' | 'perSecond' | 'failed' | 'latency' | 'meanMs'>;

function row(name: string, figures: Figures): string[] {
  const { count, perSecond, failed, latency, meanMs } = figures;
  const durations =
    latency === undefined
      ? [meanMs === undefined ? '–' : `~${duration(meanMs)}`, '–', '–', '–']
      : [latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.maxMs].map(duration);
  return [
    name,
    String(count),
    `${perSecond.toFixed(1)}/s`,
    ...durations,
    failed === undefined ? '–' : String(failed),
  ];
}

function errorLines({ errors, totals }: Summary, width: number): string[] {
  const share = totals.requests === 0 ? 'not one request was answered' : shareOf(totals);
  if (errors.length === 0) return ['', `errors: ${totals.failed === 0 ? noErrors(totals) : share}`];
  const lines = errors.slice(0, 10).map(({ kind, count, example }) => {
    const where = example === undefined ? '' : `  (such as ${replaceUnseen(example)})`;
    return cutToColumns(`  ${count} × ${replaceUnseen(kind)}${where}`, width);
  });
  const more = errors.length > 10 ? [`  … and ${counted(errors.length - 10, 'more kind')}`] : [];
  return ['', `errors: ${share}`, ...lines, ...more];
}

function shareOf({ errorShare, failed, otherErrors, requests }: Summary['totals']): string {
  const share = percentOf(errorShare);
  if (otherErrors === 0) return `${share} of all requests`;
  const [errors, ends] = [failed + otherErrors, requests + otherErrors];
  return `${errors} of ${ends} (${share}), ${otherErrors} of them no request of their own`;
}

/** Says `none` only about requests that were answered. */
function noErrors(totals: Summary['totals']): string {
  const { bytesSent, oneWay = 0, requests, usersStarted = 0, usersFinished = 0 } = totals;
  if (requests === 0 && oneWay > 0) return 'unknown, none of the requests asked for an answer';
  const isSilent = usersStarted > 0 && bytesSent === 0;
  if (requests === 0) return `unknown, not one request was ${isSilent ? 'sent' : 'answered'}`;
  return usersStarted > usersFinished ? 'none of the requests that were answered' : 'none';
}

function outcomeLine(summary: Summary): string {
  const { outcome, phase, problems, warnings } = summary.run;
  const [problem] = problems;
  if (outcome === undefined) {
    return problem === undefined
      ? `outcome: none yet, the run is ${phase}`
      : `outcome: failed, ${replaceUnseen(problem.message)}`;
  }
  switch (outcome.kind) {
    case 'complete':
      return 'outcome: complete';
    case 'cut':
      if (warnings.some(({ code }) => code === 'ENGINE_DRAINED'))
        return 'outcome: cut after its planned duration, while users waited for answers';
      return `outcome: cut${howEarly(summary)} at its planned or permitted duration`;
    case 'stopped':
      return `outcome: stopped${howEarly(summary)}, as it was asked to`;
    case 'interrupted':
    case 'failed':
      return `outcome: ${outcome.kind}${howEarly(summary)}, ${replaceUnseen(outcome.problem.message)}`;
    default:
      return outcome satisfies never;
  }
}

function verdictLines({ run: { outcome } }: Summary): string[] {
  if (outcome?.verdict === undefined) return [];
  const { ok, message } = outcome.verdict;
  return [`the scenario's own verdict: ${ok ? 'passed' : 'failed'}, ${replaceUnseen(message)}`];
}

function generatorLines({ generator, notes = [], run }: Summary): string[] {
  const reasons = generator.reasons.map((reason) => `  ${replaceUnseen(reason)}`);
  return [
    `generator: ${generator.verdict}`,
    ...reasons,
    ...notes.map((note) => `note: ${replaceUnseen(note)}`),
    ...run.warnings.map(({ message }) => `warning: ${replaceUnseen(message)}`),
  ];
}

function sloLines(summary: Summary): string[] {
  const { slo } = summary;
  if (slo.verdict === 'none') return ['SLO: no rules'];
  const rules = slo.rules.map((result) => {
    const mark = result.ok ? 'met   ' : 'missed';
    return `  ${mark}  ${replaceUnseen(result.rule.text)}  (${describeMeasured(result)})`;
  });
  return [`SLO: ${slo.verdict}${ofPart(summary)}`, ...rules];
}

function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(3))} ms`;
}
