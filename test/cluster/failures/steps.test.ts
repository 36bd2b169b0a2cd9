/** An agent that is killed, or stands still, at each step of the start of a cluster. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { NetworkMember } from '../member.ts';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import { codesOf, expectAllCounted, killAgent, ranked, summaryOf, untilThere } from './failing.ts';

/** What is there once a step is taken. */
const steps = [
  'cluster/vote.json',
  'cluster/membership.json',
  'cluster/start.json',
  'engine/fired.json',
];

const cases = steps.flatMap((step) =>
  (['leader', 'member'] as const).flatMap((who) =>
    (['is killed', 'stands still'] as const).map((what) => ({ step, who, what })),
  ),
);

it.each(cases)(
  'after $step of the $who its agent $what: all fire once',
  async ({ step, who, what }) => {
    await using net = await network({
      members: 3,
      userData: scenarioFor({ seconds: 8, rate: 12 }),
    });
    const [leader, second] = ranked(net);
    const struck = who === 'leader' ? leader : second;
    if (struck === undefined) throw new Error('three members');
    await untilThere(struck, step);
    if (what === 'is killed') killAgent(struck);
    else await standStill(struck);
    const runs = await net.until(isOver);
    for (const run of runs)
      expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
    const summary = await summaryOf(leader);
    expectAllCounted(summary, net);
    expect(summary.totals.requests).toBe(net.target.answered());
    const firsts = net.members.map(({ address }) => net.target.firstAt.get(address) ?? 0);
    // Users arrive by chance: the first of a member may come seconds after its start.
    if (Math.max(...firsts) - Math.min(...firsts) > 6_000) {
      expect(codesOf(summary.run.warnings)).toContain('CLUSTER_STARTED_LATE');
    }
  },
);

async function standStill({ agent }: NetworkMember): Promise<void> {
  const pid = agent.pid() ?? Number.NaN;
  process.kill(pid, 'SIGSTOP');
  await delay(12_000);
  process.kill(pid, 'SIGCONT');
}
