/** A run whose end is known, in one line. Pure. */

import type { Outcome } from '../../engine/engine.ts';
import type { Problem } from '../../errors.ts';
import { earlyEnd } from '../../report/early-end.ts';
import type { Summary } from '../../report/summary.ts';
import { errorShareOf } from '../../results/failed-share.ts';
import { partOf } from '../../run/cluster-part.ts';
import type { EndedRun } from '../../run/state.ts';
import { mostFailed } from '../../slo/result.ts';
import { sentenceCase } from '../../text.ts';
import { elapsed, share } from '../format.ts';
import { rulesSentence } from './rule-words.ts';

type Tone = 'pass' | 'fail' | 'warn' | 'busy' | 'calm';

export type Headline = Readonly<{
  tone: Tone;
  title: string;
  sentence: string;
  problems: readonly Problem[];
}>;

const endings: Record<Outcome['kind'], string> = {
  complete: '',
  failed: '',
  interrupted: '',
  cut: 'The load was cut off at the longest duration allowed.',
  stopped: 'The load was stopped by hand; everything measured until then is shown.',
};

/** A load that ended before its plan says that first, whatever the rules say. */
export function endedHeadline(run: EndedRun, summary: Summary | undefined): Headline {
  const { outcome } = run;
  const early = endedEarly(run, summary);
  const until = early === undefined ? '' : ' until then';
  const verdict = summary?.slo.verdict ?? 'none';
  const rules = summary === undefined ? '' : rulesSentence(summary, until);
  if (outcome.kind === 'interrupted') {
    if (wentOn(run, summary)) return withoutMember(outcome.problem, summary);
    return {
      tone: verdict === 'fail' ? 'fail' : 'warn',
      title: early ?? 'Interrupted',
      sentence: `Everything measured until then is shown. ${rules}`.trim(),
      problems: [outcome.problem],
    };
  }
  if (summary === undefined || verdict === 'none') return unjudged(run, summary, early);
  const judgement = judged(verdict, summary);
  return {
    ...(early === undefined ? judgement : { tone: notPassed(judgement.tone), title: early }),
    sentence: `${rules} ${endingOf(run)}`.trim(),
    problems: [],
  };
}

/** Whether members were lost, and the others went on to the planned end. */
function wentOn({ outcome }: EndedRun, summary: Summary | undefined): summary is Summary {
  const isLost = outcome.kind === 'interrupted' && outcome.problem.code === 'CLUSTER_MEMBER_LOST';
  return isLost && summary !== undefined && earlyEnd(summary) === undefined;
}

function withoutMember(problem: Problem, summary: Summary): Headline {
  const rules = rulesSentence(summary, ' without that part');
  return {
    tone: summary.slo.verdict === 'fail' ? 'fail' : 'warn',
    title: 'A part of the load was lost',
    sentence: `The other members went on to the planned end. ${rules}`.trim(),
    problems: [problem],
  };
}

function unjudged(
  run: EndedRun,
  summary: Summary | undefined,
  early: string | undefined,
): Headline {
  const isPart = partOf(run.cluster) !== undefined;
  const said = isPart ? ofPart(summary) : withoutRules(summary);
  return {
    tone: early !== undefined || run.outcome.verdict?.ok === false ? 'warn' : 'calm',
    title: early ?? (isPart ? 'This part is complete' : 'Complete'),
    sentence: `${said} ${endingOf(run)}`.trim(),
    problems: [],
  };
}

/** How a load ended before its planned end; undefined if it did not. */
function endedEarly({ outcome }: EndedRun, summary: Summary | undefined): string | undefined {
  const early = summary && earlyEnd(summary);
  const at = early && ` at ${elapsed(early.atMs)} of ${elapsed(early.plannedMs)}`;
  if (outcome.kind === 'stopped') return `Stopped${at ?? ''}`;
  if (outcome.kind === 'interrupted') return `Interrupted${at ?? ''}`;
  return at === undefined ? undefined : `Cut${at}`;
}

function withoutRules(summary: Summary | undefined): string {
  if (summary === undefined) return 'Nothing was measured, so there is no verdict.';
  const errors = errorShareOf(summary.totals);
  const said = errors === undefined ? '' : `${share(errors)} errors. `;
  return `${said}No rules were set, so there is no verdict.`;
}

function ofPart(summary: Summary | undefined): string {
  const errors = summary && errorShareOf(summary.totals);
  const said = errors === undefined ? '' : `${share(errors)} errors in this part. `;
  return `${said}The verdict on the whole run is on the page of the leader.`;
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
  verdict: 'pass' | 'fail' | 'pending',
  { generator, run, totals }: Summary,
): Pick<Headline, 'tone' | 'title'> {
  if (verdict === 'fail') return { tone: verdict, title: 'Failed' };
  // The load was not measured to its end.
  if (verdict === 'pending') return { tone: 'warn', title: 'Complete' };
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
