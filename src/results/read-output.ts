/**
 * Reads everything that an engine and its supervisor write into a collector, during the run or
 * afterwards.
 */

import type { EngineOutput, Plan } from '../engine/engine.ts';
import { knownEngine } from '../engine/registry.ts';
import type { SloRule } from '../slo/rule.ts';
import { type Collector, createCollector } from './collect.ts';
import { readGenerator } from './generator/follow.ts';
import type { PlannedLoad } from './generator/planned-users.ts';

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

export type MeasureOptions = Readonly<{
  /** The engine's name. */
  engine: string;
  /** The run folder's `engine/`. */
  engineDir: string;
  plan: PlannedLoad & Pick<Plan, 'sampling'>;
  slo: readonly SloRule[];
  /** Of a cluster: which member wrote `engineDir`, and what the others wrote. */
  members?: Readonly<{ self: string; others: readonly MemberOutput[] }>;
  signal: AbortSignal;
}>;

export function collectorFor({ plan, slo }: MeasureOptions): Collector {
  return createCollector({ sampling: plan.sampling, slo, plan });
}

/** Ends when the engine has ended and everything has been read. */
export async function collectAll(
  collector: Collector,
  { engine, output, plan, signal }: MeasureOptions & Readonly<{ output: EngineOutput }>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const samples = async (): Promise<void> => {
    for await (const batch of knownEngine(engine).read(output, plan, either)) collector.add(batch);
  };
  const readers = [samples(), readGenerator(output, collector, either)];
  try {
    await Promise.all(readers);
    collector.end();
  } finally {
    // Where one has failed, the other need not go on; and nothing is read any more once this has
    // ended.
    failed.abort();
    await Promise.allSettled(readers);
  }
}
