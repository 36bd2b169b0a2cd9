/** How the load of a whole cluster ended: what members lack, and what they warn about. */

import { join } from 'node:path';
import type { Contact } from '../../cluster/leading/contact.ts';
import type { Outcome } from '../../engine/engine.ts';
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
    outcome: outcomeOf(own.outcome, losses, kinds),
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

function outcomeOf(
  own: Outcome,
  [loss]: readonly Problem[],
  others: readonly (Outcome['kind'] | undefined)[],
): Outcome {
  if (own.kind !== 'complete' && own.kind !== 'cut') return own;
  const { verdict } = own;
  const kept = verdict === undefined ? {} : { verdict };
  if (loss !== undefined) return { kind: 'interrupted', problem: loss, ...kept };
  if (others.includes('stopped')) return { kind: 'stopped', ...kept };
  return others.includes('cut') ? { kind: 'cut', ...kept } : own;
}

function lossOf(contact: Contact, link: ClusterLink, startedAt: string): Problem | undefined {
  const { instanceId } = contact.member;
  const part = `${instanceId}, which fired ${percent(shareOf(link.membership, instanceId))} of the load,`;
  const since = contact.silentSince();
  if (since !== undefined && !contact.hasAll()) {
    const seconds = Math.round((since.getTime() - Date.parse(startedAt)) / 1_000);
    return {
      code: 'CLUSTER_MEMBER_LOST',
      message: `the member ${part} was last heard ${Math.max(0, seconds)} s into the load`,
      hint: 'what it measured until then is in the figures; look at its console log',
    };
  }
  const { outcome, problem, stage } = contact.progress() ?? {};
  if (stage !== 'failed' && outcome !== 'interrupted' && outcome !== 'failed') return undefined;
  const why = problem === undefined ? 'it does not say why' : problem.message;
  return {
    code: 'CLUSTER_MEMBER_LOST',
    message: `the load of the member ${part} ended early: ${why}`,
    hint: problem?.hint ?? 'what it measured until then is in the figures',
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
