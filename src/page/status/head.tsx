/** The top of the page: which run it is, its state and its verdict. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { ledCluster, partOf, partText } from '../../run/cluster-part.ts';
import type { RunState } from '../../run/state.ts';
import { plural, zoneAt } from '../format.ts';
import { Gathering } from '../members/gathering.tsx';
import { MemberTrouble } from '../members/trouble.tsx';
import { Icon, Name, Prose, Time } from '../ui.tsx';
import { Generator } from './generator.tsx';
import { Awaited, Interruption, Publishing } from './notices.tsx';
import { Phases } from './phases.tsx';
import { PowerOff } from './power-off.tsx';
import { Problems } from './problems.tsx';
import { Progress } from './progress.tsx';
import { ruleState } from './rule-state.ts';
import { Rules } from './rules.tsx';
import { headlineOf } from './verdict.ts';

type Props = Readonly<{
  run: RunState;
  summary: Summary | undefined;
  nowMs: number;
  live: boolean;
}>;

export function Head({ run, summary, nowMs, live }: Props): JSX.Element {
  return (
    <>
      <Identity run={run} />
      <Verdict run={run} summary={summary} nowMs={nowMs} live={live} />
    </>
  );
}

function Identity({ run }: { run: RunState }): JSX.Element {
  const { scenario, engine, instance } = run;
  const part = partOf(run.cluster);
  const startedAt = engine?.startedAt ?? run.phases[0]?.startedAt;
  return (
    <header class="identity">
      <h1>
        <Name text={scenario?.name ?? instance?.instanceId ?? 'Onager'} max={120} />
        {part !== undefined && <span class="of-whole">{partText(part)}</span>}
      </h1>
      <ul class="facts">
        {engine?.targets.slice(0, 3).map((target) => (
          <li key={target}>
            <span class="label">Aimed at</span> <Name text={target} max={120} />
          </li>
        ))}
        {engine !== undefined && engine.targets.length > 3 && (
          <li>and {plural(engine.targets.length - 3, 'more target')}</li>
        )}
        {instance !== undefined && (
          <li>
            <span class="label">From</span> <Led run={run} />
            <Name text={instance.instanceType} />
            {' in '}
            <Name text={instance.availabilityZone} />
          </li>
        )}
        {startedAt !== undefined && (
          <li>
            <span class="label">Started</span> <Time at={startedAt} />{' '}
            <span class="label">({zoneAt(Date.parse(startedAt))})</span>
          </li>
        )}
        {engine !== undefined && (
          <li>
            <span class="label">Engine</span> <Name text={`${engine.name} ${engine.version}`} />
          </li>
        )}
      </ul>
    </header>
  );
}

/** Before the type of the leader: how many fire. */
function Led({ run }: { run: RunState }): JSX.Element | null {
  const cluster = ledCluster(run.cluster);
  if (cluster === undefined || cluster.members.length < 2) return null;
  const cpus = cluster.members.reduce((sum, member) => sum + member.cpus, 0);
  return (
    <>
      {plural(cluster.members.length, 'instance')} with {plural(cpus, 'CPU')}, led by{' '}
    </>
  );
}

function Verdict({ run, summary, nowMs, live }: Props): JSX.Element {
  const { tone, title, sentence, problems } = headlineOf(run, summary);
  return (
    <div class={`verdict panel ${tone}`}>
      <div class="headline" role="status">
        <Icon name={tone} size={36} />
        <div>
          <p class="title">{title}</p>
          {sentence !== '' && (
            <p class={`sentence${tone === 'busy' && missesAny(summary) ? ' missing' : ''}`}>
              <Prose text={sentence} />
            </p>
          )}
        </div>
      </div>
      <Problems problems={problems} />
      {run.phase === 'running' && <Progress run={run} summary={summary} nowMs={nowMs} />}
      {summary !== undefined && <Rules summary={summary} />}
      {summary !== undefined && <Generator health={summary.generator} final={summary.final} />}
      <MemberTrouble run={run} summary={summary} />
      <Interruption run={run} />
      <Publishing run={run} />
      <PowerOff run={run} nowMs={nowMs} live={live} />
      <Gathering run={run} nowMs={nowMs} />
      <Awaited run={run} nowMs={nowMs} />
      <Phases run={run} nowMs={nowMs} />
    </div>
  );
}

function missesAny(summary: Summary | undefined): boolean {
  return summary?.slo.rules.some((result) => ruleState(result) === 'missed') ?? false;
}
