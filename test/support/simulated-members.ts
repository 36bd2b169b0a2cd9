/**
 * Members of a cluster without an agent and an engine: they find each other in a subnet of loopback
 * addresses, agree, start together, and let the leader copy files that grow.
 */

import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createFollower } from '../../src/cluster/following/follower.ts';
import type { StartOrder } from '../../src/cluster/following/orders.ts';
import type { MemberProgress } from '../../src/cluster/following/progress.ts';
import { createSharedFiles } from '../../src/cluster/following/shared-files.ts';
import { type Joined, joinCluster } from '../../src/cluster/join.ts';
import { createLeader } from '../../src/cluster/leading/leader.ts';
import type { Member } from '../../src/cluster/member.ts';
import { silentLog } from '../../src/log.ts';
import { runFolder } from '../../src/run/folder.ts';

/** `subnet`: the first three numbers of its addresses. */
export type SimulationOptions = Readonly<{
  dir: string;
  subnet: string;
  port: number;
  index: number;
  size: number;
  timeoutMs?: number;
  /** How many members this one counts by now. */
  onWaiting?: (count: number) => void;
  onMembership?: (members: readonly string[]) => void;
}>;

export type SimulatedMember = Readonly<{
  /** Resolves once it knows when the load starts. */
  started: Promise<StartOrder>;
  /** Its engine measures so many more bytes. */
  grow(bytes: number): Promise<void>;
  /** What the leader has of the others; 0 elsewhere. */
  copiedBytes(): Promise<number>;
}>;

const firstHost = 10;

export async function simulateMember(
  options: SimulationOptions,
  signal: AbortSignal,
): Promise<SimulatedMember> {
  const { size, timeoutMs = 600_000, subnet } = options;
  const self = memberOf(options);
  const folder = runFolder(join(options.dir, self.instanceId));
  await mkdir(folder.engineDir, { recursive: true });
  const log = silentLog();
  const opened = new AsyncDisposableStack();
  signal.addEventListener('abort', () => void opened.disposeAsync(), { once: true });
  const joined = joinCluster(
    {
      self,
      cluster: { kind: 'reservation', value: 'r-1' },
      key: Buffer.alloc(32, 4),
      helloKey: Buffer.alloc(32, 5),
      settings: { size, quorum: size, timeoutMs, peers: [], discover: 'subnet' },
      network: {
        address: self.address,
        mac: '',
        subnetId: 'subnet-1',
        subnetCidr: `${subnet}.0/24`,
        vpcId: 'vpc-1',
        securityGroups: [],
        ownerId: '',
      },
      runId: `run-${options.index}`,
      dir: folder.clusterDir,
      startPath: join(folder.clusterDir, 'start.json'),
      region: 'eu-central-1',
      imds: { peek: async () => undefined },
      credentials: () => Promise.reject(new Error('no role')),
      failed: () => undefined,
      onWaiting: ({ count }) => options.onWaiting?.(count),
      onOther: () => {},
      onTaken: () => {},
      onHint: () => {},
      log,
    },
    opened,
    signal,
  );
  let stage: MemberProgress['stage'] = 'ready';
  const started = begin(joined);
  started.catch(() => {});

  async function begin(joining: Promise<Joined>): Promise<StartOrder> {
    const { membership, ask, follow } = await joining;
    options.onMembership?.(membership.members.map(({ instanceId }) => instanceId));
    const startPath = join(folder.clusterDir, 'start.json');
    const others = membership.members.filter(({ instanceId }) => instanceId !== self.instanceId);
    const leader = others.find(({ instanceId }) => instanceId === membership.leader);
    if (leader === undefined) {
      const leading = createLeader({ others, ask, membersDir: folder.membersDir, startPath, log });
      void leading.lead(signal);
      return await leading.start(signal);
    }
    const following = await createFollower({
      leader,
      files: createSharedFiles(folder),
      startPath,
      donePath: join(folder.clusterDir, 'done.json'),
      progress: () => ({ stage }),
      onStop: () => {},
      onInterrupt: () => {},
    });
    follow(following.followed);
    const start = await following.start(signal);
    stage = 'running';
    return start;
  }

  return {
    started,
    grow: async (bytes) =>
      await appendFile(join(folder.engineDir, records), Buffer.alloc(bytes, 10)),
    copiedBytes: async () => await sizeBelow(folder.membersDir),
  };
}

const records = 'onager.records';

function memberOf({ subnet, port, index }: SimulationOptions): Member {
  const address = `${subnet}.${firstHost + index}`;
  return {
    instanceId: `i-${String(index).padStart(4, '0')}`,
    launchIndex: index,
    address,
    port,
    page: `http://${address}/`,
    onager: '0.1.0',
    engine: 'tsung 1.7.0',
    runtime: 'Erlang/OTP 25',
    cpus: 2,
  };
}

async function sizeBelow(membersDir: string): Promise<number> {
  const members = await readdir(membersDir).catch(() => []);
  const sizes = members.map(async (member) => {
    const found = await stat(join(membersDir, member, 'engine', records)).catch(() => undefined);
    return found?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
