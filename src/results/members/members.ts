/** The members of a cluster, each with what it fired and the verdict on its own generator. */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { SampleBatch } from '../../engine/samples.ts';
import type { Counts } from '../counting/counts.ts';
import { DelayWatch } from '../generator/delay.ts';
import { GeneratorWatch, healthOf, type Judgement, type LoadFacts } from '../generator/health.ts';
import { createLoadDelay } from '../generator/load-delay.ts';
import type { PlannedLoad } from '../generator/planned-users.ts';
import type { Measurements, MemberStats } from '../measurements.ts';
import { MemberCounts } from './member-counts.ts';
import { type JudgedMember, wholeHealth } from './whole-health.ts';

/** `plan`: of its own share of the load; absent where that is not known. */
export type MemberPart = Readonly<{ instanceId: string; plan?: PlannedLoad | undefined }>;

/** The generators of a load. The numbers of members are their places among the parts. */
export type Generators = Readonly<{
  /** For what the whole has counted already. */
  add(batch: SampleBatch, member: number): void;
  addGenerator(sample: GeneratorSample, member: number): void;
  end(member: number): void;
  health(facts: WholeFacts): Pick<Measurements, 'generator' | 'members'>;
}>;

/** `sampled`, `outcomesBySample`: where the figures of the whole come from. */
type WholeFacts = LoadFacts & Readonly<{ sampled: boolean; outcomesBySample: boolean }>;

/**
 * To judge a generator takes as long as its load has lasted: a large cluster's are judged in turn,
 * each every ten seconds, so that all are judged again once all is read.
 */
const judgedAtOnce = { least: 4, share: 0.1 };

type CountedMember = MemberPart &
  Readonly<{
    counts: MemberCounts;
    generator: GeneratorWatch;
    addDelay: ReturnType<typeof createLoadDelay>;
  }>;

export function createMembers(counts: Counts, parts: readonly MemberPart[]): Generators {
  const delay = new DelayWatch();
  const members = parts.map((part): CountedMember => {
    const own = new MemberCounts(counts);
    const generator = new GeneratorWatch();
    const addDelay = createLoadDelay(own.load.samples, counts.time, (startMs, its) => {
      generator.addDelay(its);
      delay.add(its);
      counts.series.addDelay(startMs, its);
    });
    return { ...part, counts: own, generator, addDelay };
  });

  let turn = 0;
  let judgements: readonly Judgement[] = [];

  return {
    add(batch, at) {
      const member = members[at];
      if (member === undefined) return;
      member.counts.add(batch);
      if (batch.type === 'totals') member.addDelay(batch);
      if (batch.type === 'interval') member.generator.addInterval(batch);
    },
    addGenerator(sample, at) {
      members[at]?.generator.add(sample);
    },
    end(at) {
      const member = members[at];
      if (member !== undefined) member.counts.isOver = true;
    },
    health(facts) {
      const { least, share } = judgedAtOnce;
      const count = facts.isOver ? members.length : Math.max(least, members.length * share);
      const judged = members.map((member, at) => {
        const isDue = (at - turn + members.length) % members.length < count;
        return judgedMember(member, facts, isDue ? undefined : judgements[at]);
      });
      turn = (turn + Math.ceil(count)) % members.length;
      judgements = judged.map(({ judgement }) => judgement);
      return {
        generator: wholeHealth(judged, { facts, delay: delay.figures() }),
        members: judged.map(statsOf),
      };
    },
  };
}

function judgedMember(
  member: CountedMember,
  facts: WholeFacts,
  known: Judgement | undefined,
): JudgedMember & Readonly<{ counts: MemberCounts; failed: number }> {
  const { instanceId, plan, counts } = member;
  const { isOver, toldMs, usersStarted } = counts;
  const { outcomesBySample, sampled } = facts;
  const requests = sampled ? counts.durations.count : counts.requestsByEngine;
  return {
    ...{ instanceId, plan, usersStarted, toldMs, isOver, requests, counts },
    failed: outcomesBySample ? counts.failed : Math.min(counts.failedByEngine, requests),
    judgement: known ?? judge(member, requests, sampled),
  };
}

function judge(
  { plan, counts, generator }: CountedMember,
  requests: number,
  sampled: boolean,
): Judgement {
  const { startedMs, endedMs } = counts.stretch;
  return generator.judge({
    ...(endedMs >= startedMs ? { loadStartedMs: startedMs, loadEndedMs: endedMs } : {}),
    plan: plan ?? { loadPhases: [] },
    usersStarted: counts.usersStarted,
    errors: counts.shortages(),
    requests,
    unrecorded: sampled ? Math.max(counts.requestsByEngine - requests, 0) : 0,
    p95Ms: counts.isSampled ? counts.durations.percentile(95) / 1_000 : undefined,
    requestsBetween: (fromMs, toMs) => counts.requestsBetween(fromMs, toMs),
    isOver: counts.isOver,
  });
}

function statsOf({
  instanceId,
  requests,
  failed,
  judgement,
  counts,
}: ReturnType<typeof judgedMember>): MemberStats {
  const { isOver, stretch, users } = counts;
  const second = counts.isSampled ? counts.second : counts.intervalSecond;
  const lastMs = second.startMs + 1_000;
  const loadSeconds = Math.max(stretch.endedMs - stretch.startedMs, 1_000) / 1_000;
  return {
    instanceId,
    requests,
    failed,
    perSecond: isOver ? requests / loadSeconds : second.requests,
    ...(users === undefined || isOver ? {} : { users }),
    ...(Number.isFinite(lastMs) ? { lastMs } : {}),
    generator: healthOf(judgement),
  };
}
