/**
 * How the load of a cluster ended, from the files of its members: its leader was killed before it
 * could say so.
 */

import { lostPart, outcomeOfWhole, shortPart } from '../cluster/whole.ts';
import type { Outcome } from '../engine/engine.ts';
import { awaitedExit } from '../engine/handover/exit-file.ts';
import type { Problem } from '../errors.ts';
import type { ClusterOutput, MemberOutput } from '../results/read-output.ts';
import { type LoadEnd, readLoadEnd } from '../run/load-end.ts';
import type { RunState } from '../run/state.ts';

/** `own`: how the leader's part of the load ended. */
export async function endOfMembers(
  own: LoadEnd,
  state: RunState,
  { engineName, members }: Readonly<{ engineName: string; members: ClusterOutput }>,
): Promise<LoadEnd> {
  const losses: Problem[] = [];
  const kinds: Outcome['kind'][] = [];
  for (const member of members.others) {
    const outcome = await outcomeThere(member, state, engineName);
    if (outcome !== undefined) kinds.push(outcome.kind);
    const loss = lossOf(member, outcome, members.shares?.get(member.instanceId));
    if (loss !== undefined) losses.push(loss);
  }
  return {
    ...own,
    outcome: outcomeOfWhole(own.outcome, losses[0], kinds),
    warnings: [...own.warnings, ...losses],
  };
}

/** Undefined where its engine's end was never copied. */
async function outcomeThere(
  { engineDir }: MemberOutput,
  state: RunState,
  engineName: string,
): Promise<Outcome | undefined> {
  const exit = await awaitedExit(engineDir);
  if (exit === undefined) return undefined;
  return (await readLoadEnd(state, { engineName, engineDir, exit, bootId: undefined })).outcome;
}

function lossOf(
  { instanceId }: MemberOutput,
  outcome: Outcome | undefined,
  share: number | undefined,
): Problem | undefined {
  const part = { instanceId, share };
  if (outcome === undefined) {
    const how = 'has no exit.json here: it was lost, or not all of its files were copied';
    return lostPart(part, how);
  }
  return 'problem' in outcome ? shortPart(part, outcome.problem) : undefined;
}
