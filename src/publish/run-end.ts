/** How the run of a folder ended, for its manifest. */

import type { Outcome } from '../engine/engine.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import { readFinalSummary } from '../report/write.ts';
import type { RunFolder } from '../run/folder.ts';
import { readRunState } from '../run/store.ts';

/** `exitCode`: that of `onager report`. */
type ManifestEnd = Readonly<{ outcome: Outcome['kind']; exitCode: number }>;

/** Undefined where the run has not ended, or its run.json is broken. */
export async function readManifestEnd(
  folder: Pick<RunFolder, 'runJson' | 'summaryJson'>,
): Promise<ManifestEnd | undefined> {
  const state = await readState(folder.runJson);
  if (state?.outcome === undefined) return undefined;
  const summary = await readFinalSummary(folder.summaryJson);
  return { outcome: state.outcome.kind, exitCode: exitCodeOf(state, summary?.slo.verdict) };
}

async function readState(path: string): ReturnType<typeof readRunState> {
  try {
    return await readRunState(path);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
