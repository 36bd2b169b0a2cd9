/** The run in one line: what people read first. */

import type { Summary } from '../../report/summary.ts';
import type { Phase, RunState } from '../../run/state.ts';
import { plural } from '../format.ts';
import { gatheredWords } from '../members/gathered.ts';
import { endedHeadline, type Headline } from './ended.ts';
import { rulesSentence } from './rule-words.ts';

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
  if (run.phase === 'gathering' && run.cluster !== undefined)
    return { tone: 'busy', ...gatheredWords(run.cluster), problems: [] };
  if (run.phase !== 'finished') {
    const title = busyTitles[run.phase];
    return { tone: 'busy', title, sentence: progressOf(run, summary), problems: [] };
  }
  return endedHeadline(run, summary);
}

const busyTitles: Record<Exclude<Phase, 'failed' | 'idle' | 'finished'>, string> = {
  waiting: 'Getting ready',
  fetching: 'Fetching the scenario',
  unpacking: 'Unpacking the scenario',
  preparing: 'Checking the scenario',
  gathering: 'Waiting for the other members',
  running: 'Running',
  reporting: 'Writing the report',
  publishing: 'Publishing the results',
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
  return rulesSentence(summary, run.phase === 'running' ? ' so far' : '');
}
