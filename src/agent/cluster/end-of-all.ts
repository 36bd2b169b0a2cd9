/** How the load of a whole cluster ended: what members lack, and what they warn about. */

import { join } from 'node:path';
import type { Contact } from '../../cluster/leading/contact.ts';
import { lostPart, outcomeOfWhole, shortPart } from '../../cluster/whole.ts';
import { engineOutput } from '../../engine/handover/exit-file.ts';
import { knownEngine } from '../../engine/registry.ts';
import type { ErrorCode, Problem } from '../../errors.ts';
import type { MemberOutput } from '../../results/read-output.ts';
import type { LoadEnd } from '../../run/load-end.ts';
import { readRunState } from '../../run/store.ts';
import type { ClusterLink } from './cluster.ts';
import { shareOf } from './info.ts';

/** From the end of this member's own load; `engine`: its name. */
export async function endOfAll(own: LoadEnd, engine: string, link: ClusterLink): Promise<LoadEnd> {
  const { leader } = link;
  if (leader === undefined) return own;
  const losses = leader.contacts.flatMap((contact) => {
    const loss = lossOf(contact, link, own.exit.startedAt);
    return loss === undefined ? [] : [loss];
  });
  const kinds = leader.contacts.map((contact) => contact.progress()?.outcome);
  return {
    ...own,
    outcome: outcomeOfWhole(own.outcome, losses[0], kinds),
    warnings: [
      ...own.warnings,
      ...losses,
      ...(await Promise.all(leader.outputs().map((output) => warningsOf(output, engine)))).flat(),
    ],
  };
}

/** What a member warns of that the leader may not have seen itself. */
const ownCodes: readonly ErrorCode[] = ['CLUSTER_TWICE', 'CLUSTER_STARTED_LATE'];

/** What went wrong in a member's load that continued. */
async function warningsOf(
  { engineDir, instanceId }: MemberOutput,
  engine: string,
): Promise<readonly Problem[]> {
  const found = await knownEngine(engine).warnings?.(engineOutput(engineDir));
  const state = await readRunState(join(engineDir, '..', 'run.json')).catch(() => undefined);
  const told = state?.warnings.filter(({ code }) => ownCodes.includes(code)) ?? [];
  return [...told, ...(found ?? [])].map((problem) => ({
    ...problem,
    message: `on ${instanceId}: ${problem.message}`,
  }));
}

function lossOf(contact: Contact, link: ClusterLink, startedAt: string): Problem | undefined {
  const { instanceId } = contact.member;
  const part = { instanceId, share: shareOf(link.membership, instanceId) };
  const { ms, why } = contact.stuck();
  if (ms > 0 && !contact.hasAll()) return lostPart(part, `has ended, and cannot be copied: ${why}`);
  const since = contact.silentSince();
  if (since !== undefined && !contact.hasAll()) {
    const seconds = Math.round((since.getTime() - Date.parse(startedAt)) / 1_000);
    return lostPart(part, `was last heard ${Math.max(0, seconds)} s into the load`);
  }
  const { outcome, problem, stage } = contact.progress() ?? {};
  const isShort = stage === 'failed' || outcome === 'interrupted' || outcome === 'failed';
  return isShort ? shortPart(part, problem) : undefined;
}
