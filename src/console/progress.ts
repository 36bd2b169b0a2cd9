/** Shows the run on a terminal: a line per phase and, on a TTY, a progress bar. */

import { problemLine } from '../errors.ts';
import type { Summary } from '../report/summary.ts';
import { errorShareOf } from '../results/failed-share.ts';
import type { PhaseRecord, RunState } from '../run/state.ts';
import { replaceUnseen } from '../text.ts';
import { waitText } from './lines.ts';
import { memberLines } from './member-lines.ts';

export type Terminal = Readonly<{ isTTY: boolean; columns: number; write(text: string): void }>;

type Progress = Readonly<{
  hear(run: RunState, summary: Summary | undefined): void;
  /** Removes the progress bar, so that other lines can follow. */
  quiet(): void;
}>;

const barWidth = 24;
/** A wait without an answer gets a line only after this long. */
const patienceMs = 10_000;
const clearLine = '\r\u001b[K';

export function createProgress(terminal: Terminal, now: () => number): Progress {
  let told = 0;
  let problemTold = '';
  let waitTold = '';
  const membersTold = new Map<string, string>();

  function line(text: string): void {
    terminal.write(`${terminal.isTTY ? clearLine : ''}${replaceUnseen(text)}\n`);
  }

  function hearMembers(run: RunState): void {
    for (const { name, text } of memberLines(run)) {
      if (membersTold.get(name) !== text) line(`           ${text}`);
      membersTold.set(name, text);
    }
  }

  return {
    hear(run, summary) {
      for (const record of run.phases.slice(told)) line(phaseLine(run, record));
      told = Math.max(told, run.phases.length);
      hearMembers(run);
      const problem = run.publish?.problem;
      const text = problem === undefined ? '' : problemLine(problem);
      if (text !== problemTold && text !== '') line(`           ${text}`);
      problemTold = text;
      const wait = waitLine(run, now());
      if (wait !== undefined && wait !== waitTold) line(`           ${wait}`);
      waitTold = wait ?? waitTold;
      if (terminal.isTTY && run.phase === 'running') {
        terminal.write(clearLine + progress(run, summary, now()).slice(0, terminal.columns - 1));
      }
    },
    quiet() {
      if (terminal.isTTY) terminal.write(clearLine);
    },
  };
}

/**
 * What the run waits for, once that takes long or had an answer. The planned end of a load is left
 * out.
 */
function waitLine({ awaiting, phase }: RunState, nowMs: number): string | undefined {
  if (awaiting === undefined) return undefined;
  const { lastAnswer, since, until } = awaiting;
  if (phase === 'running' && until !== undefined) return undefined;
  if (lastAnswer === undefined && nowMs - Date.parse(since) < patienceMs) return undefined;
  return replaceUnseen(waitText(awaiting));
}

function phaseLine(run: RunState, { phase, startedAt }: PhaseRecord): string {
  const time = startedAt.slice(11, 19);
  return `${time}Z  ${phase.padEnd(10)}  ${about(run, phase)}`.trimEnd();
}

function about({ engine, runId, settings }: RunState, phase: PhaseRecord['phase']): string {
  switch (phase) {
    case 'waiting':
      return runId;
    case 'running':
      return engine === undefined
        ? ''
        : `${engine.name} ${engine.version} at ${engine.targets.join(', ')}, planned ${seconds(engine.plannedDurationMs)}`;
    case 'publishing':
      return `to ${settings.find(({ key }) => key === 'publish.to')?.value}`;
    default:
      return '';
  }
}

function progress(run: RunState, summary: Summary | undefined, nowMs: number): string {
  const record = run.phases.findLast(({ phase }) => phase === 'running');
  const elapsedMs = record === undefined ? 0 : nowMs - Date.parse(record.startedAt);
  const plannedMs = run.engine?.plannedDurationMs;
  const share = plannedMs === undefined ? 0 : Math.min(elapsedMs / plannedMs, 1);
  const filled = Math.round(share * barWidth);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const [elapsed, planned] = [seconds(elapsedMs), seconds(plannedMs)];
  // After its plan, a load goes on until its last users have finished.
  const time =
    elapsedMs > (plannedMs ?? elapsedMs)
      ? `${elapsed}, planned ${planned}`
      : `${elapsed} of ${planned}`;
  return `  ${bar} ${time}${summary === undefined ? '' : numbers(summary)}`;
}

function numbers(summary: Summary): string {
  const errors = errorShareOf(summary.totals);
  if (errors === undefined) return '';
  const p95 = summary.latency?.p95Ms.toFixed(0) ?? '–';
  return `  ${lastRate(summary)}/s  p95 ${p95} ms  errors ${(errors * 100).toFixed(1)} %`;
}

function lastRate({ series }: Summary): string {
  const requests = series.requests.at(-1) ?? 0;
  return ((requests * 1_000) / series.stepMs).toFixed(0);
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'an unknown time' : `${Math.round(ms / 1_000)} s`;
}
