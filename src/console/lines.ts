/** Describes a run in lines for people, without secrets. Pure. */

import { type Problem, problemLine } from '../errors.ts';
import { howEarly, ofPart } from '../report/early-end.ts';
import type { Summary } from '../report/summary.ts';
import { errorShareOf, percentOf } from '../results/failed-share.ts';
import { partOf } from '../run/cluster-part.ts';
import { type Awaited, isOver, type PhaseRecord, type RunState } from '../run/state.ts';
import { describeMeasured } from '../slo/format.ts';
import { counted } from '../text.ts';
import type { PageAccess } from '../web/auth.ts';
import { memberLines } from './member-lines.ts';

/** `name`: the line's subject; repeated only when its text changes. `at`: ISO 8601, if not now. */
export type ConsoleLine = Readonly<{ name: string; text: string; at?: string }>;

type LineSources = Readonly<{
  access: PageAccess | undefined;
  port: number;
  summary(): Summary | undefined;
}>;

const maxMissed = 5;

/** What the run waits for; `took`: for how long so far. */
export function waitText({ lastAnswer, until, what }: Awaited, took = ''): string {
  const answer = lastAnswer === undefined ? '' : `: ${lastAnswer}`;
  const end = until === undefined ? '' : `; it gives up at ${until.slice(11, 19)}Z`;
  return `waiting for ${what}${took}${answer}${end}`;
}

/** An instance can only power itself off. What EC2 does then was set at launch. */
const terminates =
  'terminate, if launched with --instance-initiated-shutdown-behavior terminate; else it stops';

/** In chronological order. */
export function linesOf(state: RunState, sources: LineSources): readonly ConsoleLine[] {
  return [
    ...pageLine(state, sources),
    ...state.phases.map((record, place) => phaseLine(state, record, place)),
    ...memberLines(state),
    ...stopLines(state),
    ...state.warnings.map((problem) => lineOf('warning', problem)),
    ...state.problems.map((problem) => lineOf('failed', problem)),
    ...(isOver(state) ? endLines(state, sources) : []),
    ...publishLines(state),
    ...powerOffLines(state),
  ];
}

function pageLine({ instance, settings }: RunState, { access, port }: LineSources): ConsoleLine[] {
  if (instance === undefined) return [];
  const url = pageUrl(instance, port);
  return [{ name: 'page', text: `page ${url} ${keyHint(access, instance.instanceId, settings)}` }];
}

function pageUrl({ privateIp, publicIp }: NonNullable<RunState['instance']>, port: number): string {
  const host = publicIp ?? privateIp ?? 'this instance';
  return `http://${host}${port === 80 ? '' : `:${port}`}/`;
}

function keyHint(
  access: PageAccess | undefined,
  instanceId: string,
  settings: RunState['settings'],
): string {
  if (access?.kind === 'public') return 'open to everyone';
  if (access?.kind === 'key' && access.key !== instanceId) {
    const source = settings.find(({ key }) => key === 'report.access')?.source;
    return `key: report.access${source === undefined ? '' : ` of ${source}`}`;
  }
  return "key: this instance's id";
}

function phaseLine(state: RunState, { phase, startedAt }: PhaseRecord, place: number): ConsoleLine {
  return { name: `phase ${place}`, text: `${phase}${about(state, phase)}`, at: startedAt };
}

function about({ engine }: RunState, phase: PhaseRecord['phase']): string {
  if (phase === 'idle')
    return ': no scenario in the user-data; launch with --user-data fileb://scenario.zip';
  if (phase !== 'running' || engine === undefined) return '';
  const planned =
    engine.plannedDurationMs === undefined
      ? ''
      : ` for ${Math.round(engine.plannedDurationMs / 1_000)} s`;
  return `: ${engine.name} ${engine.version} at ${engine.targets.join(', ')}${planned}`;
}

function stopLines({ interruption, stopAskedAt }: RunState): ConsoleLine[] {
  return [
    ...(stopAskedAt === undefined
      ? []
      : [{ name: 'stop', text: 'the end of the load was requested', at: stopAskedAt }]),
    ...(interruption === undefined ? [] : [lineOf('interrupted', interruption)]),
  ];
}

function lineOf(kind: string, problem: Problem): ConsoleLine {
  const text = `${kind}: ${problemLine(problem)}`;
  return { name: text, text };
}

function endLines(state: RunState, { port, summary }: LineSources): ConsoleLine[] {
  const { cluster, instance, outcome } = state;
  const result = summary();
  const isPart = partOf(cluster) !== undefined;
  return [
    {
      name: 'outcome',
      text:
        result === undefined
          ? `${outcome?.kind ?? state.phase}: nothing was measured`
          : `${outcome?.kind ?? state.phase}${howEarly(result)}: ${figures(result)}${isPart ? ' (of this member alone)' : ''}`,
    },
    // The objectives are those of the whole load.
    ...(result === undefined || isPart ? [] : sloLines(result)),
    ...(instance === undefined
      ? []
      : [{ name: 'report', text: `report ${pageUrl(instance, port)}report.html` }]),
  ];
}

function figures({ generator, latency, totals }: Summary): string {
  const share = errorShareOf(totals);
  const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`;
  return [
    counted(totals.requests, 'request'),
    `${totals.perSecond.toFixed(1)}/s`,
    ...(latency === undefined
      ? []
      : [`p50 ${ms(latency.p50Ms)}`, `p95 ${ms(latency.p95Ms)}`, `p99 ${ms(latency.p99Ms)}`]),
    ...(share === undefined ? [] : [`${percentOf(share)} failed`]),
    ...(generator.verdict === 'valid' ? [] : [`generator ${generator.verdict}`]),
  ].join(', ');
}

function sloLines(summary: Summary): ConsoleLine[] {
  const { slo } = summary;
  if (slo.verdict === 'none') return [];
  const missed = slo.rules.filter(({ ok }) => !ok);
  const met = slo.rules.length - missed.length;
  return [
    {
      name: 'slo',
      text: `SLO ${slo.verdict}: ${met} of ${counted(slo.rules.length, 'rule')} met${ofPart(summary)}`,
    },
    ...missed.slice(0, maxMissed).map((result) => ({
      name: `slo ${result.rule.text}`,
      text: `SLO missed: ${result.rule.text} (${describeMeasured(result)})`,
    })),
  ];
}

function publishLines({ publish }: RunState): ConsoleLine[] {
  if (publish === undefined) return [];
  const { problem } = publish;
  const verified = problem === undefined ? '' : ', not verified';
  if (publish.whole) return [{ name: 'publish', text: `published to ${publish.to}${verified}` }];
  return problem === undefined ? [] : [{ ...lineOf('publishing', problem), name: 'publish' }];
}

function powerOffLines({ lifetime }: RunState): ConsoleLine[] {
  if (lifetime === undefined) return [];
  const { action, at, pretended, reason } = lifetime.powerOff;
  const when = at.replace(/\.\d+Z$/, 'Z');
  const what = action === 'terminate' ? terminates : action;
  const why = reason === 'lifetime' ? 'the end of its lifetime' : `after the run: ${what}`;
  const verb = pretended ? 'would power off' : 'powers off';
  return [{ name: 'power-off', text: `the machine ${verb} at ${when} (${why})` }];
}
