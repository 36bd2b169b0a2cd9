/** What the tests of failures ask of a cluster that something happens to. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Summary } from '../../../src/report/summary.ts';
import type { RunState } from '../../../src/run/state.ts';
import type { NetworkMember } from '../member.ts';
import type { Network } from '../network.ts';

/** The first leads, by its launch index. */
export function ranked({ members }: Network): readonly [NetworkMember, ...NetworkMember[]] {
  const [leader, ...others] = members;
  if (leader === undefined) throw new Error('a network of members');
  return [leader, ...others];
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(120_000);
  while (!(await isSo())) {
    deadline.throwIfAborted();
    await delay(5);
  }
}

/** Resolves once a file of its run folder is there. */
export async function untilThere(member: NetworkMember, step: string): Promise<void> {
  await until(async () => {
    const folder = await member.folder().catch(() => undefined);
    return folder !== undefined && existsSync(join(folder.root, step));
  });
}

/** Resolves in the middle of the load: the target has answered each of them so many times. */
export async function untilFired({ members, target }: Network, times = 10): Promise<void> {
  await until(() => members.every(({ address }) => (target.answeredTo.get(address) ?? 0) >= times));
}

export async function summaryOf(member: NetworkMember): Promise<Summary> {
  const summary = await member.api.summary();
  if (summary === undefined) throw new Error(`${member.instanceId} has no report`);
  return summary;
}

/**
 * What the report says of each member is what the target has answered it: nothing is lost, and
 * nothing is fired twice. `slack`: answers that a load which ended early had no time to read.
 */
export function expectAllCounted(summary: Summary, { members, target }: Network, slack = 0): void {
  for (const { address, instanceId } of members) {
    const answered = target.answeredTo.get(address) ?? 0;
    const told = summary.members?.find((one) => one.instanceId === instanceId)?.requests ?? 0;
    expect(
      answered - told,
      `${instanceId}: ${answered} answered, ${told} told`,
    ).toBeLessThanOrEqual(slack);
    expect(told, `${instanceId}: told more than was answered`).toBeLessThanOrEqual(answered);
  }
}

/** The agent dies as by the out-of-memory killer; something starts it again. */
export function killAgent({ agent }: NetworkMember): void {
  process.kill(agent.pid() ?? Number.NaN, 'SIGKILL');
}

export function problemOf(run: RunState | undefined): string | undefined {
  const outcome = run?.outcome;
  return outcome !== undefined && 'problem' in outcome ? outcome.problem.code : undefined;
}

export function codesOf(problems: readonly Readonly<{ code: string }>[]): readonly string[] {
  return problems.map(({ code }) => code);
}

/** What a security group does that lets members not reach each other. */
export const refusingMembers = `
  nft 'add table ip group'
  nft 'add chain ip group in { type filter hook input priority 0; }'
  nft 'add rule ip group in tcp dport 7424 drop'
  nft 'add rule ip group in udp dport 7424 drop'`;
