/** Members of a cluster on loopback addresses, each with a folder and a port of its own. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AskMember, createAskMember } from '../../src/cluster/channel/ask-member.ts';
import type { AcceptedKey, ChannelKey } from '../../src/cluster/channel/channel-key.ts';
import { createMembersPort } from '../../src/cluster/channel/members-port.ts';
import { type Membership, parseMembership } from '../../src/cluster/gathering/agreement.ts';
import { openBallot } from '../../src/cluster/gathering/ballot.ts';
import { gather } from '../../src/cluster/gathering/gather.ts';
import {
  afterAgreement,
  type MemberStatus,
  memberRoutes,
} from '../../src/cluster/gathering/member-routes.ts';
import { createRoster } from '../../src/cluster/gathering/roster.ts';
import type { Member } from '../../src/cluster/member.ts';
import { type Problem, problemsOf } from '../../src/errors.ts';
import { isThere } from '../../src/files/files.ts';

export const ownKey: ChannelKey = { name: 'derived', key: Buffer.alloc(32, 9) };

/** Loopback addresses that no other test process has. */
export const loopbackSubnet =
  process.env['LOOPBACK_SUBNET'] ??
  `127.${100 + (process.pid % 100)}.${Math.trunc(process.pid / 100) % 256}`;

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
  /** How long a silent one is waited for. */
  lostMs?: number;
  silentMs?: number;
  engine?: string;
  /** Of another cluster. */
  key?: ChannelKey;
  /** What this member asks goes through it. */
  through?: (ask: AskMember['ask']) => AskMember['ask'];
}>;

export type GatheringMember = AsyncDisposable &
  Readonly<{
    self: Member;
    votePath: string;
    membershipPath: string;
    /** Tells it where others are, as their datagrams would. */
    meets(...others: readonly Readonly<{ self: Member }>[]): void;
    /** The others that it counts by now. */
    knows(): readonly string[];
    agreed: Promise<Membership>;
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
  };
}

/** Started again with the same `dir`, it is the same member after a restart of its agent. */
export async function startMember(options: MemberOptions): Promise<GatheringMember> {
  const { index, size, timeoutMs = 60_000, lostMs = 400, key = ownKey } = options;
  const { silentMs = 10_000, through = (ask) => ask } = options;
  const dir = join(options.dir, `${index}`);
  await mkdir(dir, { recursive: true });
  const self = memberAt(options);
  const membershipPath = join(dir, 'membership.json');
  const roster = createRoster(self);
  const votePath = join(dir, 'vote.json');
  const ballot = await openBallot(votePath);
  let failed: MemberStatus['failed'];
  const { server } = createMembersPort(() => keysOf(membershipPath, key));
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
      ask: through(asker.ask),
      membershipPath,
      onWaiting: () => {},
      pace: { everyMs: 20, silentMs, lostMs },
    },
    left.signal,
  );
  agreed.catch((error: unknown) => {
    [failed] = problemsOf(error);
  });
  return {
    self,
    votePath,
    membershipPath,
    agreed,
    knows: () => roster.others().map(({ instanceId }) => instanceId),
    meets(...others) {
      for (const other of others) roster.introduce(other.self);
    },
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

function keysOf(membershipPath: string, derived: ChannelKey): readonly AcceptedKey[] {
  if (!isThere(membershipPath)) return [derived];
  const { runKey } = parseMembership(readFileSync(membershipPath, 'utf8'));
  return [
    { name: 'run', key: Buffer.from(runKey, 'hex') },
    { ...derived, paths: afterAgreement },
  ];
}
