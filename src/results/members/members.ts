/** The members of a cluster, each with what it fired and the verdict on its own generator. */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { SampleBatch } from '../../engine/samples.ts';
import type { Counts } from '../counting/counts.ts';
import { DelayWatch } from '../generator/delay.ts';
import { GeneratorWatch, healthOf, type LoadFacts } from '../generator/health.ts';
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

type Member = MemberPart &
  Readonly<{
    counts: MemberCounts;
    generator: GeneratorWatch;
    addDelay: ReturnType<typeof createLoadDelay>;
  }>;

export function createMembers(counts: Counts, parts: readonly MemberPart[]): Generators {
  const delay = new DelayWatch();
  const members = parts.map((part): Member => {
    const own = new MemberCounts(counts);
    const generator = new GeneratorWatch();
    const addDelay = createLoadDelay(own.load.samples, counts.time, (startMs, its) => {
      generator.addDelay(its);
      delay.add(its);
      counts.series.addDelay(startMs, its);
    });
    return { ...part, counts: own, generator, addDelay };
  });

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
      const judged = members.map((member) => judgedMember(member, facts));
      return {
        generator: wholeHealth(judged, { facts, delay: delay.figures() }),
        members: judged.map(statsOf),
      };
    },
  };
}

function judgedMember(
  { instanceId, plan, counts, generator }: Member,
  { sampled, outcomesBySample }: WholeFacts,
): JudgedMember & Readonly<{ counts: MemberCounts; failed: number }> {
  const { startedMs, endedMs } = counts.stretch;
  const requests = sampled ? counts.durations.count : counts.requestsByEngine;
  const judgement = generator.judge({
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
  return {
    instanceId,
    plan,
    usersStarted: counts.usersStarted,
    toldMs: counts.toldMs,
    isOver: counts.isOver,
    requests,
    failed: outcomesBySample ? counts.failed : Math.min(counts.failedByEngine, requests),
    judgement,
    counts,
  };
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
