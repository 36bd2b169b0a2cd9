/**
 * A small VPC on this machine: members in namespaces on a bridge for each subnet, a router, a
 * target, and perhaps a bucket. Nothing but the metadata service is simulated on a member.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LocalBucket, startBucket } from '../../src/rehearsal/bucket/bucket.ts';
import type { Instance } from '../../src/rehearsal/metadata-tree.ts';
import type { RunState } from '../../src/run/state.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type NetworkMember, startNetworkMember } from './member.ts';
import { createNamespace, type Namespace, shOutside } from './namespace.ts';
import { type ClusterTarget, startClusterTarget } from './target.ts';

export type NetworkOptions = Readonly<{
  /** How many are launched; `cluster.size` is the same, unless `tags` say otherwise. */
  members: number;
  /** Gets the target's `host:port`, and gives the bytes of user-data. */
  userData(target: ClusterTarget): Promise<Buffer> | Buffer;
  tags?: Readonly<Record<string, string>>;
  /** How many of the last members are in a second subnet. */
  elsewhere?: number;
  /** Whether there is a bucket, and a role that may write to it. */
  bucket?: boolean;
  /** By how much the clock of each member is ahead. */
  clockOffsetsMs?: readonly number[];
  /** Whether they are spot instances. */
  spot?: boolean;
  /** How many of the last members come only when the test calls \`launch\`. */
  late?: number;
  /** What is different on a member before its agent starts; by launch index. */
  before?: (machine: Namespace, index: number) => Promise<unknown>;
  /** The same, of its tags. */
  tagsOf?: (index: number) => Readonly<Record<string, string>>;
  /** Put before its agent's command. */
  within?: (index: number) => readonly string[];
  /** By launch index; 0: all at once. */
  launchedAfterMs?: (index: number) => number;
}>;

export type Network = AsyncDisposable &
  Readonly<{
    /** In the order of their launch. */
    members: readonly NetworkMember[];
    /** Launches the next one of those who come late. */
    launch(): Promise<NetworkMember>;
    /** Launches the same user-data in the first subnet, by itself: another cluster. */
    launchOther(): Promise<NetworkMember>;
    target: ClusterTarget;
    bucket: LocalBucket | undefined;
    reservationId: string;
    /** A machine in the first subnet that is nobody's member. */
    stranger(): Promise<Namespace & Readonly<{ address: string }>>;
    /** From now on nothing passes between these and those, in either direction. */
    cut(these: readonly NetworkMember[], those: readonly NetworkMember[]): Promise<void>;
    /** Takes a member's plug out of its subnet, and puts it in again. */
    unplug(member: NetworkMember): Promise<void>;
    plug(member: NetworkMember): Promise<void>;
    /** Everything passes again. */
    heal(): Promise<void>;
    /** Resolves once each member's state is as wanted. */
    until(wanted: (run: RunState) => boolean, of?: readonly NetworkMember[]): Promise<RunState[]>;
  }>;

const keys = {
  accessKeyId: 'ASIACLUSTERTESTS0000',
  secretAccessKey: 'of no other use',
  sessionToken: 'session',
};

const firstHost = 10;
const othersHost = 100;
const strangersHost = 30;
let networks = 0;

export async function network(options: NetworkOptions): Promise<Network> {
  await refuseOutside();
  networks += 1;
  const id = networks;
  const { members: count, elsewhere = 0, tags = {} } = options;
  await using stack = new AsyncDisposableStack();
  const dir = await temporaryFolder('network');
  const subnets = [0, 1].map((index) => subnetOf(id, index));
  for (const { bridge, cidr, gateway } of subnets) {
    const prefix = cidr.slice(cidr.indexOf('/'));
    await shOutside(
      `ip link add ${bridge} type bridge; ip address add ${gateway}${prefix} dev ${bridge}; ip link set ${bridge} up`,
    );
    stack.defer(async () => void (await shOutside(`ip link delete ${bridge}`)));
  }
  const targetHost = `198.18.${id}.1`;
  await shOutside(`ip address add ${targetHost}/32 dev lo`);
  stack.defer(async () => void (await shOutside(`ip address delete ${targetHost}/32 dev lo`)));
  const target = stack.use(await startClusterTarget(targetHost));
  const bucket =
    options.bucket === true
      ? await startBucket({
          bucket: 'cluster',
          storeDir: join(dir, 's3'),
          host: targetHost,
          ...keys,
        })
      : undefined;
  if (bucket !== undefined) stack.defer(() => bucket.close());
  const userData = await options.userData(target);
  const reservationId = `r-${randomId()}`;

  async function machine(subnet: Subnet, host: number): Promise<Namespace> {
    const namespace = await createNamespace();
    const port = portName(id, subnet, host);
    await shOutside(
      `ip link add ${port} type veth peer name eth0 netns ${namespace.holder}; ip link set ${port} master ${subnet.bridge} up`,
    );
    const prefix = subnet.cidr.slice(subnet.cidr.indexOf('/'));
    await namespace.sh(`
      ip address add ${addressIn(subnet, host)}${prefix} dev eth0
      ip link set eth0 up
      ip route add default via ${subnet.gateway}`);
    return namespace;
  }

  type Machine = Readonly<{ member: NetworkMember; namespace: Namespace; port: string }>;
  const machines: Machine[] = [];
  stack.defer(async () => {
    await Promise.all(
      machines.map(async ({ member, namespace }) => {
        await member[Symbol.asyncDispose]();
        await namespace[Symbol.asyncDispose]();
      }),
    );
  });

  async function launch(
    index: number,
    { subnet, host, reservation }: Readonly<{ subnet: Subnet; host: number; reservation: string }>,
  ): Promise<Machine> {
    const namespace = await machine(subnet, host);
    const address = addressIn(subnet, host);
    await options.before?.(namespace, index);
    const launched: Instance = {
      ...instanceAt({
        address,
        index,
        reservationId: reservation,
        subnet,
        isSpot: options.spot === true,
      }),
      userData,
      tags: {
        'onager:report.access': 'instance-id',
        'onager:cluster.size': `${count}`,
        ...bucketTags(bucket),
        ...tags,
        ...options.tagsOf?.(index),
      },
      ...(bucket === undefined ? {} : { role: roleOf() }),
    };
    const member = await startNetworkMember({
      dir: join(dir, `${host}`),
      launched,
      namespace,
      address,
      clockOffsetMs: options.clockOffsetsMs?.[index] ?? 0,
      within: options.within?.(index) ?? [],
    });
    const launchedNow = { member, namespace, port: portName(id, subnet, host) };
    machines.push(launchedNow);
    return launchedNow;
  }

  async function launchMember(index: number): Promise<NetworkMember> {
    const subnet = at(subnets, index < count - elsewhere ? 0 : 1);
    await delay(options.launchedAfterMs?.(index) ?? 0);
    const place = { subnet, host: firstHost + index, reservation: reservationId };
    return (await launch(index, place)).member;
  }

  const first = Array.from({ length: count - (options.late ?? 0) }, (_, index) => index);
  const members = await Promise.all(first.map(launchMember));
  const portOf = (member: NetworkMember): string =>
    machines.find((one) => one.member === member)?.port ?? '';

  let strangers = 0;
  let others = 0;
  const held = stack.move();
  return {
    members,
    target,
    bucket,
    reservationId,
    async launch() {
      const member = await launchMember(members.length);
      members.push(member);
      return member;
    },
    async launchOther() {
      others += 1;
      const place = { subnet: at(subnets, 0), host: othersHost + others };
      return (await launch(0, { ...place, reservation: `r-${randomId()}` })).member;
    },
    async stranger() {
      const subnet = at(subnets, 0);
      const host = strangersHost + strangers++;
      const namespace = held.use(await machine(subnet, host));
      return { ...namespace, address: addressIn(subnet, host) };
    },
    async cut(these, those) {
      await Promise.all([
        ...these.map((one) => deafen(one, those)),
        ...those.map((one) => deafen(one, these)),
      ]);
    },
    async unplug(member) {
      await shOutside(`ip link set ${portOf(member)} nomaster`);
    },
    async plug(member) {
      const { bridge } = at(subnets, members.indexOf(member) < count - elsewhere ? 0 : 1);
      await shOutside(`ip link set ${portOf(member)} master ${bridge}`);
    },
    async heal() {
      await Promise.all(members.map(({ namespace }) => namespace.sh('nft flush ruleset')));
    },
    until: (wanted, of = members) => Promise.all(of.map((member) => untilOne(member, wanted))),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The tests change the network that they run in: not that of a machine in use. */
async function refuseOutside(): Promise<void> {
  const isApart = !(await shOutside('ip -brief link')).includes('eth0');
  if (!isApart) throw new Error('run these tests by: npm run test:cluster');
}

type Subnet = Readonly<{ index: number; bridge: string; cidr: string; gateway: string }>;

/** Each a /20, as the default subnets of a VPC. */
function subnetOf(id: number, index: number): Subnet {
  const base = `10.${id}.${16 * index}`;
  return { index, bridge: `n${id}s${index}`, cidr: `${base}.0/20`, gateway: `${base}.1` };
}

function addressIn({ cidr }: Subnet, host: number): string {
  return cidr.replace(/\.0\/20$/, `.${host}`);
}

function portName(id: number, { index }: Subnet, host: number): string {
  return `n${id}s${index}p${host}`;
}

type Placed = Readonly<{
  address: string;
  index: number;
  reservationId: string;
  subnet: Subnet;
  isSpot: boolean;
}>;

function instanceAt({ address, index, reservationId, subnet, isSpot }: Placed): Instance {
  return {
    identity: {
      instanceId: `i-${randomId()}`,
      launchedAt: `${new Date().toISOString().slice(0, 19)}Z`,
      imageId: 'ami-0123456789abcdef0',
      instanceType: 'c7i.large',
      architecture: 'x86_64',
      region: 'eu-central-1',
      availabilityZone: 'eu-central-1a',
      accountId: '123456789012',
      launchIndex: index,
      reservationId,
      lifeCycle: isSpot ? 'spot' : 'on-demand',
      privateIp: address,
    },
    network: {
      address,
      mac: `02:00:00:00:${subnet.index}0:${index.toString(16).padStart(2, '0')}`,
      subnetId: `subnet-0${subnet.index}`,
      subnetCidr: subnet.cidr,
      vpcId: 'vpc-0123456789abcdef0',
      securityGroups: ['sg-0123456789abcdef0'],
      ownerId: '123456789012',
    },
  };
}

function bucketTags(bucket: LocalBucket | undefined): Readonly<Record<string, string>> {
  if (bucket === undefined) return {};
  return {
    'onager:publish.to': 's3://cluster/runs',
    'onager:publish.endpoint': bucket.endpoint,
    'onager:publish.region': 'us-east-1',
  };
}

function roleOf(): NonNullable<Instance['role']> {
  const expiration = new Date(Date.now() + 6 * 3_600_000);
  return { name: 'cluster', credentials: { ...keys, expiration } };
}

async function deafen(
  { namespace }: NetworkMember,
  others: readonly NetworkMember[],
): Promise<void> {
  const from = others.map(({ address }) => address).join(', ');
  await namespace.sh(`
    nft 'add table ip cut'
    nft 'add chain ip cut in { type filter hook input priority 0; }'
    nft 'add rule ip cut in ip saddr { ${from} } drop'`);
}

/** Nothing more will happen. */
export function isOver({ phase, publish }: RunState): boolean {
  return (phase === 'finished' || phase === 'failed') && (publish === undefined || publish.whole);
}

async function untilOne(
  member: NetworkMember,
  wanted: (run: RunState) => boolean,
): Promise<RunState> {
  const deadline = AbortSignal.timeout(240_000);
  let last: RunState | undefined;
  let hasLeft = false;
  void member.agent.done
    .catch(() => {})
    .then(() => {
      hasLeft = true;
    });
  while (!deadline.aborted && !hasLeft) {
    last = (await member.api.run(deadline).catch(() => undefined)) ?? last;
    if (last !== undefined && wanted(last)) return last;
    if (last !== undefined && isOver(last)) break;
    await delay(200);
  }
  const log = await member.log().catch(() => '');
  throw new Error(
    `${member.instanceId}: not as wanted; last: ${JSON.stringify(last)}\n${log.slice(-6_000)}`,
  );
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`${index}`);
  return found;
}

function randomId(): string {
  return `0${randomBytes(8).toString('hex')}`;
}
