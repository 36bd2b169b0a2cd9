/** One process of the benchmark of a cluster's members: holds some of them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type SimulatedMember, simulateMember } from '../support/simulated-members.ts';
import { type MembersOrder, type MembersReport, parseOrder } from './members-messages.ts';

const { signal } = new AbortController();
const members: SimulatedMember[] = [];
let started = 0;

process.on('message', (message) => void follow(parseOrder(message)));

async function follow({ indexes, usage, grow, ...options }: MembersOrder): Promise<void> {
  for (const index of indexes) {
    const member = await simulateMember(
      {
        ...options,
        index,
        onWaiting: (counted) => report({ counted }),
        onMembership: () => report({ agreedAtMs: Date.now() }),
      },
      signal,
    );
    members.push(member);
    void member.started.then(({ atMs }) => {
      started += 1;
      report({ startMs: atMs, started });
    });
  }
  if (usage !== undefined) await tellUsage(usage);
  for (let second = 0; second < (grow?.seconds ?? 0); second += 1) {
    await Promise.all(members.map((member) => member.grow(grow?.bytesPerSecond ?? 0)));
    await sleep(1_000);
  }
}

async function tellUsage(number: number): Promise<void> {
  const { user, system } = process.cpuUsage();
  const copied = await Promise.all(members.map((member) => member.copiedBytes()));
  report({
    usage: {
      number,
      cpuMs: (user + system) / 1_000,
      memoryBytes: process.memoryUsage.rss(),
      copiedBytes: copied.reduce((sum, bytes) => sum + bytes, 0),
    },
  });
}

function report(what: MembersReport): void {
  process.send?.(what);
}
