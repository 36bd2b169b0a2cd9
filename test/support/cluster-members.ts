/** Members of a cluster on loopback addresses, each with a folder and a port of its own. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Membership } from '../../src/cluster/agreement.ts';
import { createAskMember } from '../../src/cluster/ask-member.ts';
import { openBallot } from '../../src/cluster/ballot.ts';
import { gather } from '../../src/cluster/gather.ts';
import type { Member } from '../../src/cluster/member.ts';
import { type MemberStatus, memberRoutes } from '../../src/cluster/member-routes.ts';
import { createMembersPort } from '../../src/cluster/members-port.ts';
import { createRoster } from '../../src/cluster/roster.ts';
import { type Problem, problemsOf } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';

const key = { name: 'derived', key: Buffer.alloc(32, 9) };

/** Loopback addresses that no other test process has. */
export const loopbackSubnet = `127.${100 + (process.pid % 100)}.${Math.trunc(process.pid / 100) % 256}`;

/** A port that is free on each of them. */
export async function freeMembersPort(): Promise<number> {
  const socket = createSocket('udp4').bind({ address: `${loopbackSubnet}.200`, port: 0 });
  await once(socket, 'listening');
  const { port } = socket.address();
  await socket[Symbol.asyncDispose]();
  return port;
}

export type MemberOptions = Readonly<{
  dir: string;
  index: number;
  port: number;
  size: number;
  quorum?: number;
  timeoutMs?: number;
  engine?: string;
}>;

export type GatheringMember = AsyncDisposable &
  Readonly<{
    self: Member;
    /** Tells it where others are, as their datagrams would. */
    meets(...others: readonly Readonly<{ self: Member }>[]): void;
    agreed: Promise<Membership>;
    /** How many members it counts. */
    counts(): number;
    /** It answers from now on that it will not fire. */
    fails(problem: Problem): void;
  }>;

export function memberAt({ index, port, engine = 'tsung 1.7.0' }: MemberOptions): Member {
  return {
    instanceId: `i-${index}`,
    launchIndex: index,
    address: `${loopbackSubnet}.${10 + index}`,
    port,
    page: `http://${loopbackSubnet}.${10 + index}/`,
    onager: '0.1.0',
    engine,
    runtime: 'Erlang/OTP 25',
    cpus: 2,
    memoryBytes: 2 ** 31,
  };
}

/** Started again with the same `dir`, it is the same member after a restart of its agent. */
export async function startMember(options: MemberOptions): Promise<GatheringMember> {
  const { index, size, timeoutMs = 60_000 } = options;
  const dir = join(options.dir, `${index}`);
  await mkdir(dir, { recursive: true });
  const self = memberAt(options);
  const membershipPath = join(dir, 'membership.json');
  const roster = createRoster(self);
  const ballot = await openBallot(join(dir, 'vote.json'));
  let failed: MemberStatus['failed'];
  let counted = 0;
  const { server } = createMembersPort(() => [key]);
  memberRoutes(server, { roster, ballot, membershipPath, failed: () => failed });
  await server.listen({ host: self.address, port: self.port });
  const asker = createAskMember(key);
  const left = new AbortController();
  const agreed = gather(
    {
      self,
      runId: `run-${index}`,
      size,
      quorum: options.quorum ?? size,
      timeoutMs,
      roster,
      ballot,
      ask: asker.ask,
      membershipPath,
      onWaiting({ members }) {
        counted = members.length;
      },
      log: silentLog(),
      pace: { everyMs: 20, silentMs: 200, lostMs: 400 },
    },
    left.signal,
  );
  agreed.catch((error: unknown) => {
    [failed] = problemsOf(error);
  });
  return {
    self,
    agreed,
    meets(...others) {
      for (const other of others) roster.introduce(other.self);
    },
    counts: () => counted,
    fails(problem) {
      failed = problem;
    },
    async [Symbol.asyncDispose]() {
      left.abort();
      await agreed.catch(() => {});
      asker[Symbol.dispose]();
      await server.close();
    },
  };
}
