/** The run in one line: what people read first. */

import type { Outcome } from '../../engine/engine.ts';
import type { Problem } from '../../errors.ts';
import { earlyEnd } from '../../report/early-end.ts';
import type { Summary } from '../../report/summary.ts';
import { errorShareOf } from '../../results/failed-share.ts';
import type { EndedRun, Phase, RunState } from '../../run/state.ts';
import { formatMeasured, formatSloValue } from '../../slo/format.ts';
import type { SloResult, SloVerdict } from '../../slo/result.ts';
import { mostFailed } from '../../slo/result.ts';
import type { SloMetric, SloRule } from '../../slo/rule.ts';
import { sentenceCase } from '../../text.ts';
import { clock, elapsed, plural, share } from '../format.ts';

type Tone = 'pass' | 'fail' | 'warn' | 'busy' | 'calm';

type Headline = Readonly<{
  tone: Tone;
  title: string;
  sentence: string;
  problems: readonly Problem[];
}>;

export function headlineOf(run: RunState, summary: Summary | undefined): Headline {
  if (run.phase === 'failed' || run.outcome?.kind === 'failed') return failure(run);
  if (run.phase === 'idle') {
    return {
      tone: 'calm',
      title: 'No scenario',
      sentence: 'This instance was launched without a scenario, so it generates no load.',
      problems: [],
    };
  }
  if (run.phase !== 'finished') {
    const title = busyTitles[run.phase];
    return { tone: 'busy', title, sentence: progressOf(run, summary), problems: [] };
  }
  return ended(run, summary);
}

/** A missed rule as a sentence: `p95 of transaction login was 412 ms, not under 300 ms`. */
export function ruleInWords(result: SloResult): string {
  const { rule, failedShare, worstAtMs } = result;
  const { scope, comparison, threshold, windowMs } = rule;
  const of = scope.kind === 'run' ? '' : ` of ${scope.kind} ${scope.name}`;
  const over = windowMs === undefined ? '' : ` over ${windowLength(windowMs)}`;
  const subject = `${metricInWords(rule.metric)}${of}${over}`;
  const measured = measuredValue(result);
  if (measured === undefined) return `${subject} was not measured`;
  const at = worstAtMs === undefined ? '' : ` at ${clock(worstAtMs)}`;
  if (failedShare !== undefined) return `${subject} says nothing: ${measured}${at}`;
  const limit = unbroken(formatSloValue(rule, threshold));
  return `${subject} was ${measured}${at}, not ${comparisons[comparison]} ${limit}`;
}

/** The measured value, without its time, which is shown separately in the viewer's zone. */
export function measuredValue(result: SloResult): string | undefined {
  const measured = formatMeasured(result);
  return measured === undefined ? undefined : unbroken(measured);
}

function metricInWords(metric: SloMetric): string {
  return metric.kind === 'percentile' ? `p${metric.percentile}` : metrics[metric.kind];
}

function windowLength(ms: number): string {
  const [unit, name] = units.find(([length]) => ms % length === 0) ?? [1, 'ms'];
  return `${ms / unit}\u00a0${name}`;
}

/** No line ends between a figure and its unit. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=ms|s|%)/gu, '$1\u00a0');
}

const units: readonly (readonly [number, string])[] = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

const busyTitles: Record<Exclude<Phase, 'failed' | 'idle' | 'finished'>, string> = {
  waiting: 'Getting ready',
  fetching: 'Fetching the scenario',
  unpacking: 'Unpacking the scenario',
  preparing: 'Checking the scenario',
  running: 'Running',
  reporting: 'Writing the report',
  publishing: 'Publishing the results',
};

const metrics: Record<Exclude<SloMetric['kind'], 'percentile'>, string> = {
  errors: 'the error share',
  throughput: 'throughput',
  count: 'the count',
  mean: 'the mean',
  min: 'the minimum',
  max: 'the maximum',
};

const comparisons: Record<SloRule['comparison'], string> = {
  '<': 'under',
  '<=': 'at most',
  '>': 'over',
  '>=': 'at least',
};

const endings: Record<Outcome['kind'], string> = {
  complete: '',
  failed: '',
  interrupted: '',
  cut: 'The load was cut off at the longest duration allowed.',
  stopped: 'The load was stopped by hand; everything measured until then is shown.',
};

function failure(run: RunState): Headline {
  const outcome = run.outcome?.kind === 'failed' ? [run.outcome.problem] : [];
  const problems = run.problems.length > 0 ? run.problems : outcome;
  const during = run.phases.findLast(({ phase }) => phase !== 'failed')?.phase;
  const where = during === undefined || during === 'finished' ? '' : ` while ${during}`;
  return {
    tone: 'fail',
    title: 'Did not complete',
    sentence: problems.length > 1 ? `${plural(problems.length, 'problem')} found${where}.` : '',
    problems,
  };
}

function progressOf(run: RunState, summary: Summary | undefined): string {
  if (summary === undefined || summary.totals.requests === 0) return '';
  return rulesSentence(summary.slo, run.phase === 'running' ? ' so far' : '');
}

function ended(run: EndedRun, summary: Summary | undefined): Headline {
  const slo = summary?.slo ?? { verdict: 'none', rules: [] };
  const outcome = run.outcome;
  const rules = rulesSentence(slo);
  if (outcome.kind === 'interrupted') {
    return {
      tone: slo.verdict === 'fail' ? 'fail' : 'warn',
      title: 'Interrupted',
      sentence:
        `Everything measured until then is shown. ${rulesSentence(slo, ' until then')}`.trim(),
      problems: [outcome.problem],
    };
  }
  const ending = endingOf(run);
  const early = endedEarly(run, summary);
  if (summary === undefined || slo.verdict === 'none') {
    const errors = summary && errorShareOf(summary.totals);
    const said = errors === undefined ? '' : `${share(errors)} errors. `;
    return {
      tone: outcome.verdict?.ok === false ? 'warn' : 'calm',
      title: early ?? 'Complete',
      sentence: `${said}No rules were set, so there is no verdict. ${ending}`.trim(),
      problems: [],
    };
  }
  const judgement = judged(slo.verdict, summary);
  return {
    ...(early === undefined ? judgement : { tone: notPassed(judgement.tone), title: early }),
    sentence: `${early === undefined ? rules : rulesSentence(slo, ' until then')} ${ending}`.trim(),
    problems: [],
  };
}

/** A load that ended before its plan says that first, whatever the rules say. */
function endedEarly({ outcome }: EndedRun, summary: Summary | undefined): string | undefined {
  const early = summary && earlyEnd(summary);
  const at = early && ` at ${elapsed(early.atMs)} of ${elapsed(early.plannedMs)}`;
  if (outcome.kind === 'stopped') return `Stopped${at ?? ''}`;
  return at === undefined ? undefined : `Cut${at}`;
}

function endingOf(run: EndedRun): string {
  const { ok = true, message = '' } = run.outcome.verdict ?? {};
  const failed = ok ? [] : [`The scenario itself says that it failed: ${message}.`];
  return [loadEndingOf(run), ...failed].filter(Boolean).join(' ');
}

function loadEndingOf({ outcome, warnings }: EndedRun): string {
  const drained = warnings.find(({ code }) => code === 'ENGINE_DRAINED');
  if (outcome.kind === 'cut' && drained !== undefined) return `${sentenceCase(drained.message)}.`;
  return endings[outcome.kind];
}

function notPassed(tone: Tone): Tone {
  return tone === 'pass' ? 'warn' : tone;
}

/** A verdict is only worth as much as the figures behind it. */
function judged(
  verdict: 'pass' | 'fail',
  { generator, run, totals }: Summary,
): Pick<Headline, 'tone' | 'title'> {
  if (verdict === 'fail') return { tone: verdict, title: 'Failed' };
  if (run.outcome?.verdict?.ok === false) {
    return { tone: 'warn', title: 'Passed, but the scenario itself says that it failed' };
  }
  const doubt =
    totals.errorShare > mostFailed
      ? `${share(totals.errorShare)} were errors`
      : doubts[generator.verdict];
  if (doubt !== undefined) return { tone: 'warn', title: `Passed, but ${doubt}` };
  return { tone: verdict, title: 'Passed' };
}

const doubts: Partial<Record<Summary['generator']['verdict'], string>> = {
  strained: 'the generator is strained',
  suspect: 'the generator is suspect',
  unknown: 'the state of the generator is unknown',
};

function rulesSentence({ verdict, rules }: SloVerdict, soFar = ''): string {
  const broken = rules.filter(({ ok }) => !ok);
  const [first] = broken;
  if (verdict === 'none' || rules.length === 0) return '';
  if (first !== undefined) {
    const missed = `${broken.length} of ${plural(rules.length, 'rule')} missed`;
    return `${missed}${soFar}: ${ruleInWords(first)}.`;
  }
  return rules.length === 1
    ? `The rule is kept${soFar}.`
    : `All ${rules.length} rules are kept${soFar}.`;
}
