/**
 * Reads everything that an engine and its supervisor write into a collector, during the run or
 * afterwards; of a cluster, what those of all members write.
 */

import { join } from 'node:path';
import type { EngineOutput, Plan } from '../engine/engine.ts';
import { knownEngine } from '../engine/registry.ts';
import type { SloRule } from '../slo/rule.ts';
import { type Collector, createCollector, type Intake } from './collect.ts';
import { readGenerator } from './generator/follow.ts';
import { type PlannedLoad, partOf } from './generator/planned-users.ts';
import { onClock } from './members/clock.ts';

/**
 * Another member's output, as far as it has been copied. `hasEnded`: whether more of it will come.
 * `clockOffsetMs`: by how much its clock is ahead of this machine's.
 */
export type MemberOutput = Readonly<{
  instanceId: string;
  engineDir: string;
  clockOffsetMs: number;
  hasEnded(): Promise<boolean>;
}>;

/**
 * Which member wrote `engineDir`, and what the others wrote. `shares`: of the load, 0 to 1, by
 * instance id; without it nobody can say whether a member launched all of its users.
 */
export type ClusterOutput = Readonly<{
  self: string;
  others: readonly MemberOutput[];
  shares?: ReadonlyMap<string, number | undefined>;
}>;

export type MeasureOptions = Readonly<{
  /** The engine's name. */
  engine: string;
  /** The run folder's `engine/`. */
  engineDir: string;
  /** Of the whole load. */
  plan: PlannedLoad & Pick<Plan, 'sampling'>;
  slo: readonly SloRule[];
  /** Absent where the load comes from one instance. */
  members?: ClusterOutput | undefined;
  signal: AbortSignal;
}>;

export function collectorFor({ plan, slo, members }: MeasureOptions): Collector {
  const { sampling } = plan;
  if (members === undefined) return createCollector({ sampling, slo, plan });
  const { self, others, shares } = members;
  const parts = [self, ...others.map(({ instanceId }) => instanceId)].map((instanceId) => {
    const share = shares?.get(instanceId);
    return { instanceId, plan: share === undefined ? undefined : partOf(plan, share) };
  });
  return createCollector({ sampling, slo, plan, members: parts });
}

/** Ends when all engines have ended and everything has been read. `output`: of the own engine. */
export async function collectAll(
  collector: Collector,
  {
    output,
    members,
    signal,
    ...options
  }: Omit<MeasureOptions, 'slo' | 'engineDir'> & Readonly<{ output: EngineOutput }>,
): Promise<void> {
  const failed = new AbortController();
  const source = { ...options, signal: AbortSignal.any([signal, failed.signal]) };
  const others = members?.others ?? [];
  const readers = [
    readOne(collector.of(0), output, source),
    ...others.map((member, at) => {
      const its = { dir: member.engineDir, hasEnded: member.hasEnded };
      return readOne(asToldHere(collector.of(at + 1), member), its, source);
    }),
  ];
  try {
    await Promise.all(readers);
    collector.end();
  } finally {
    // Where one has failed, the others need not go on; and nothing is read any more once this has
    // ended.
    failed.abort();
    await Promise.allSettled(readers);
  }
}

type Source = Pick<MeasureOptions, 'engine' | 'plan' | 'signal'>;

async function readOne(
  intake: Intake,
  output: EngineOutput,
  { engine, plan, signal }: Source,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const samples = async (): Promise<void> => {
    for await (const batch of knownEngine(engine).read(output, plan, either)) intake.add(batch);
  };
  const readers = [samples(), readGenerator(output, intake, either)];
  try {
    await Promise.all(readers);
    intake.end();
  } finally {
    failed.abort();
    await Promise.allSettled(readers);
  }
}

/** By this machine's clock, and with the places of files in this run folder. */
function asToldHere(intake: Intake, { instanceId, clockOffsetMs }: MemberOutput): Intake {
  const clock = onClock(clockOffsetMs);
  return {
    add(batch) {
      if (batch.type !== 'unreadable') return intake.add(clock.batch(batch));
      intake.add({ ...batch, file: join('members', instanceId, 'engine', batch.file) });
    },
    addGenerator: (sample) => intake.addGenerator(clock.sample(sample)),
    end: intake.end,
  };
}
