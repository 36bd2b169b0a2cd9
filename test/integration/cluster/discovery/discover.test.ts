/** Members find each other in every way that there is, and say why where they do not. */

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Network } from '../../../../src/aws/network.ts';
import { createAskMember } from '../../../../src/cluster/channel/ask-member.ts';
import { createMembersPort } from '../../../../src/cluster/channel/members-port.ts';
import { type DiscoverOptions, discover } from '../../../../src/cluster/discovery/discover.ts';
import { openIntroductions } from '../../../../src/cluster/discovery/introductions.ts';
import type { DiscoveryPace } from '../../../../src/cluster/discovery/pace.ts';
import { createRoster, type Roster } from '../../../../src/cluster/gathering/roster.ts';
import { silentLog } from '../../../../src/log.ts';
import type { ClusterSettings } from '../../../../src/settings/settings.ts';
import { freeMembersPort, loopbackSubnet, memberAt } from '../../../support/cluster-members.ts';
import { type Ec2ApiOptions, ec2ErrorXml, startEc2Api } from '../../../support/ec2-api.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const pace: DiscoveryPace = {
  greetMs: 30,
  tagMs: 30,
  firstLookMs: 30,
  lookCapMs: 100,
  untilSweepMs: 100,
  beginMs: 30,
  sweepsMs: [150, 300],
  aloneMs: 200,
};
const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret', sessionToken: 'token' };
const region = 'eu-central-1';
const channel = { name: 'derived', key: Buffer.alloc(32, 5) };
const cluster = { kind: 'reservation', value: 'r-1' } as const;

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

type Part = Readonly<{
  roster: Roster;
  greeted: readonly string[];
  hints: readonly string[];
  /** Resolves with who they are once it knows so many others. */
  met(others: number): Promise<readonly string[]>;
  /** Resolves once it has greeted an address so often. */
  hasGreeted(address: string, times: number): Promise<void>;
  /** Resolves with the first hint. */
  hinted: Promise<string>;
  ended(reason: Error): Promise<unknown>;
}>;

type PartOptions = Partial<Omit<DiscoverOptions, 'settings'>> &
  Readonly<{
    settings?: Partial<ClusterSettings>;
    hearsDatagrams?: boolean;
    whileGreeting?(): Promise<void>;
  }>;

/** One instance of the cluster: its port, its datagrams, and its discovery. */
async function start(index: number, port: number, options: PartOptions = {}): Promise<Part> {
  const { settings = {}, hearsDatagrams = true, whileGreeting, ...changed } = options;
  const member = memberAt({ dir: '', index, port, size: 3 });
  const { instanceId, launchIndex, address } = member;
  const self = { cluster: '0123456789abcdef', instanceId, launchIndex, address, port };
  const controller = new AbortController();
  const { server } = createMembersPort(() => [channel]);
  server.get('/member', () => ({ member, nowMs: Date.now(), count: 1 }));
  await server.listen({ host: self.address, port });
  opened.defer(() => server.close());
  const roster = createRoster(member);
  const changes = new EventTarget();
  const meet: Roster['introduce'] = (who) => {
    if (who.instanceId === self.instanceId) return;
    roster.add({ ...member, ...who });
    changes.dispatchEvent(new Event('change'));
  };
  const introductions = await openIntroductions({
    self,
    key: channel.key,
    onPeer: (hello) => hearsDatagrams && meet(hello),
    onOther: () => {},
    log: silentLog(),
  });
  opened.use(introductions);
  const ask = opened.use(createAskMember(channel)).ask;
  const greeted: string[] = [];
  const hints: string[] = [];
  const hint = Promise.withResolvers<string>();
  const finding = discover(
    {
      settings: { size: 3, timeoutMs: 60_000, quorum: 3, peers: [], discover: 'none', ...settings },
      cluster,
      self,
      network: networkOf(index),
      region,
      imds: { peek: async () => undefined },
      credentials: async () => credentials,
      introductions: {
        async greet(addresses, _, signal) {
          const some = [...addresses];
          greeted.push(...some);
          changes.dispatchEvent(new Event('change'));
          if (some.length > 0) await whileGreeting?.();
          if (hearsDatagrams) await introductions.greet(some, { perSecond: 20_000 }, signal);
        },
      },
      ask,
      roster: { ...roster, introduce: meet },
      log: silentLog(),
      onHint(text) {
        hints.push(text);
        hint.resolve(text);
      },
      pace,
      ...changed,
    },
    controller.signal,
  );
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo())
      await new Promise((resolve) => changes.addEventListener('change', resolve, { once: true }));
  }
  const ended = finding.catch((reason: unknown) => reason);
  opened.defer(async () => {
    controller.abort();
    await ended;
  });
  return {
    roster,
    greeted,
    hints,
    hinted: hint.promise,
    async met(others) {
      await until(() => roster.others().length >= others);
      return roster
        .others()
        .map(({ instanceId }) => instanceId)
        .toSorted();
    },
    hasGreeted: (address, times) =>
      until(() => greeted.filter((one) => one === address).length >= times),
    ended(reason) {
      controller.abort(reason);
      return ended;
    },
  };
}

const addressOf = (index: number): string => memberAt({ dir: '', index, port: 1, size: 3 }).address;

function networkOf(index: number): Network {
  return {
    address: addressOf(index),
    mac: '02:29:96:8f:6a:2d',
    subnetId: 'subnet-0aa',
    subnetCidr: `${loopbackSubnet}.0/24`,
    vpcId: 'vpc-0bb',
    securityGroups: ['sg-0cc'],
    ownerId: '123456789012',
  };
}

async function startApi(options: Partial<Ec2ApiOptions> = {}) {
  const keys = { ...credentials, region };
  const instances = [1, 2, 3].map((index) => ({
    instanceId: `i-${index}`,
    address: addressOf(index),
    reservationId: 'r-1',
    vpcId: 'vpc-0bb',
  }));
  return opened.use(await startEc2Api({ keys, instances, ...options }));
}

describe('discover', () => {
  it('asks the addresses of the setting, and no others', async () => {
    const port = await freeMembersPort();
    await Promise.all([1, 2].map((index) => start(index, port)));
    const peers = [addressOf(1), addressOf(2), addressOf(3)];
    const third = await start(3, port, { settings: { peers, discover: 'auto' } });
    expect(await third.met(2)).toEqual(['i-1', 'i-2']);
    expect(new Set(third.greeted)).toEqual(new Set(peers.slice(0, 2)));
  });

  it('asks by TCP where datagrams are not let through', async () => {
    const port = await freeMembersPort();
    const peers = [1, 2, 3].map(addressOf);
    const options = { settings: { peers }, hearsDatagrams: false };
    await Promise.all([1, 2].map((index) => start(index, port, options)));
    const third = await start(3, port, options);
    expect(await third.met(2)).toEqual(['i-1', 'i-2']);
  });

  it('does not take one that has another key for a member', async () => {
    const port = await freeMembersPort();
    const { server, refused } = createMembersPort(() => [{ ...channel, key: Buffer.alloc(32, 6) }]);
    const isRefused = new Promise((resolve) => server.server.on('tlsClientError', resolve));
    server.get('/member', () => ({
      member: memberAt({ dir: '', index: 2, port, size: 3 }),
      count: 1,
    }));
    await server.listen({ host: addressOf(2), port });
    opened.defer(() => server.close());
    await start(1, port);
    const third = await start(3, port, { settings: { peers: [addressOf(1), addressOf(2)] } });
    expect(await third.met(1)).toEqual(['i-1']);
    await isRefused;
    expect(refused()).toBeGreaterThan(0);
    expect(third.roster.others()).toHaveLength(1);
  });

  it('asks the addresses of a tag that is written later, and tells one that is wrong', async () => {
    const port = await freeMembersPort();
    await start(1, port);
    const later = `${addressOf(1)} ${addressOf(3)}`;
    const answers = [
      undefined,
      new Error('no answer in 11 s'),
      '10.0.0',
      '10.0.0',
      undefined,
      later,
    ];
    const paths = new Set<string>();
    const imds = {
      async peek(path: string) {
        paths.add(path);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    const third = await start(3, port, { imds, pace: { ...pace, aloneMs: 60_000 } });
    expect(await third.met(1)).toEqual(['i-1']);
    expect(third.hints).toEqual([
      'members are not found by the tag onager:cluster.peers: "10.0.0" is not a list of IPv4 addresses; write the private addresses of the members, such as 10.0.0.4, 10.0.0.5',
    ]);
    expect([...paths]).toEqual(['meta-data/tags/instance/onager:cluster.peers']);
  });

  it('asks every address of the subnet where nothing else is known', async () => {
    const port = await freeMembersPort();
    await Promise.all([1, 2].map((index) => start(index, port)));
    const refuse = async () => {
      throw new Error('the instance has no IAM role');
    };
    const options = { settings: { discover: 'auto' }, credentials: refuse } as const;
    const third = await start(3, port, options);
    expect(await third.met(2)).toEqual(['i-1', 'i-2']);
    expect(new Set(third.greeted).size).toBe(250);
    expect(third.hints).toEqual([]);
  });

  it('asks the subnet again while somebody is missing', async () => {
    const port = await freeMembersPort();
    const third = await start(3, port, { settings: { discover: 'subnet' } });
    await third.hinted;
    await start(1, port);
    expect(await third.met(1)).toEqual(['i-1']);
  });

  it('says that a subnet is too wide to be asked', async () => {
    const third = await start(3, await freeMembersPort(), {
      settings: { discover: 'subnet' },
      network: { ...networkOf(3), subnetCidr: '10.0.0.0/16' },
    });
    expect(await third.hinted).toBe(
      'the subnet 10.0.0.0/16 is not searched for members: only those from /18 to /28 are. Write their private addresses into the setting or tag cluster.peers',
    );
    expect(third.greeted).toEqual([]);
  });

  it('says that a full table of neighbours loses datagrams', async () => {
    const procDir = await temporaryFolder('proc');
    await mkdir(join(procDir, 'net/stat'), { recursive: true });
    const path = join(procDir, 'net/stat/arp_cache');
    const row = (fulls: string): string =>
      `entries  allocs   destroys  table_fulls\n000003f1 00000a31 00000640 ${fulls}\n000003f1 00000a31 00000640 00000001\n`;
    await writeFile(path, row('0000000a'));
    const settings = { discover: 'subnet' } as const;
    const third = await start(3, await freeMembersPort(), {
      settings,
      procDir,
      pace: { ...pace, aloneMs: 60_000 },
      whileGreeting: () => writeFile(path, row('0000001c')),
    });
    expect(await third.hinted).toContain('was full 18 times while the subnet was asked');
  });

  it('says what to do when nobody answers', async () => {
    const third = await start(3, await freeMembersPort(), { settings: { discover: 'subnet' } });
    expect(await third.hinted).toContain('aws ec2 authorize-security-group-ingress');
    const none = await start(4, await freeMembersPort());
    expect(await none.hinted).toContain('aws ec2 create-tags');
  });

  it.each([
    ['an API that hangs', { discover: 'api' }, undefined],
    ['credentials that hang', { discover: 'auto' }, () => new Promise<never>(() => {})],
  ] as const)('ends with the reason of its signal, in spite of %s', async (_, settings, hang) => {
    const asked = Promise.withResolvers<void>();
    const intercept = (): boolean => {
      asked.resolve();
      return true;
    };
    const { endpoint: ec2Endpoint } = await startApi({ intercept });
    const third = await start(3, await freeMembersPort(), {
      settings,
      ec2Endpoint,
      ...(hang === undefined ? {} : { credentials: hang }),
    });
    if (hang === undefined) await asked.promise;
    const reason = new Error('enough');
    expect(await third.ended(reason)).toBe(reason);
  });

  it('asks the subnet though the API hangs', async () => {
    const port = await freeMembersPort();
    await start(1, port);
    const { endpoint: ec2Endpoint } = await startApi({ intercept: () => true });
    const third = await start(3, port, { settings: { discover: 'auto' }, ec2Endpoint });
    expect(await third.met(1)).toEqual(['i-1']);
  });
});

describe('discovery by the EC2 API', () => {
  it('asks the instances of the reservation that may be up, and no others', async () => {
    const port = await freeMembersPort();
    await Promise.all([1, 2].map((index) => start(index, port)));
    const of = { reservationId: 'r-1', vpcId: 'vpc-0bb' };
    const { endpoint: ec2Endpoint } = await startApi({
      instances: [
        { instanceId: 'i-3', address: addressOf(3), ...of },
        { instanceId: 'i-1', address: addressOf(1), ...of, state: 'pending' },
        { instanceId: 'i-2', address: addressOf(2), ...of, unseenFor: 3 },
        { instanceId: 'i-4', address: addressOf(4), ...of, state: 'terminated' },
        { instanceId: 'i-5', address: addressOf(5), ...of, reservationId: 'r-2' },
        { instanceId: 'i-6', ...of, state: 'pending' },
      ],
    });
    const third = await start(3, port, { settings: { discover: 'auto' }, ec2Endpoint });
    expect(await third.met(2)).toEqual(['i-1', 'i-2']);
    expect(new Set(third.greeted)).toEqual(new Set([addressOf(1), addressOf(2)]));
  });

  it.each([
    ['fleet', 'aws:ec2:fleet-id', 'fleet-1'],
    ['auto-scaling-group', 'aws:autoscaling:groupName', 'load & test'],
  ] as const)('asks the instances of the %s, page by page', async (kind, tag, value) => {
    const port = await freeMembersPort();
    await start(1, port);
    const others = Array.from({ length: 450 }, (_, index) => ({
      instanceId: `i-9${index}`,
      address: `127.0.${index >> 8}.${index & 255}`,
      tags: { [tag]: 'another' },
    }));
    const mine = others.map((each) => ({ ...each, tags: { [tag]: value } }));
    const last = { instanceId: 'i-1', address: addressOf(1), tags: { [tag]: value } };
    const { endpoint: ec2Endpoint, asked } = await startApi({
      instances: [...others, ...mine, last],
    });
    const options = {
      settings: { discover: 'api' },
      cluster: { kind, value },
      ec2Endpoint,
    } as const;
    const third = await start(3, port, options);
    expect(await third.met(1)).toEqual(['i-1']);
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });

  it('greets all instances of the VPC where members have nothing but cluster.id', async () => {
    const port = await freeMembersPort();
    await start(1, port);
    const { endpoint: ec2Endpoint } = await startApi();
    let asked = 0;
    const stranger = createServer(() => {
      asked += 1;
    });
    opened.use(stranger.listen(port, addressOf(2)));
    const third = await start(3, port, {
      settings: { discover: 'api' },
      cluster: { kind: 'cluster.id', value: 'nightly' },
      ec2Endpoint,
    });
    expect(await third.met(1)).toEqual(['i-1']);
    await third.hasGreeted(addressOf(2), 5);
    expect(asked).toBe(0);
  });

  it('goes on, and tells what it may not or cannot', async () => {
    const port = await freeMembersPort();
    await start(1, port);
    const refusals = [
      { code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
      { code: 'UnauthorizedOperation', message: 'You are not authorized.' },
      { code: 'UnauthorizedOperation', message: 'You are not authorized.' },
    ];
    const { endpoint: ec2Endpoint } = await startApi({
      intercept(_, response) {
        const next = refusals.shift();
        if (next !== undefined) response.writeHead(403).end(ec2ErrorXml(next));
        return next !== undefined;
      },
    });
    const options = {
      settings: { discover: 'api' },
      ec2Endpoint,
      pace: { ...pace, aloneMs: 60_000 },
    } as const;
    const third = await start(3, port, options);
    expect(await third.met(1)).toEqual(['i-1']);
    expect(third.hints).toEqual([
      'members are not found by the EC2 API: RequestLimitExceeded: Request limit exceeded.',
      'members are not found by the EC2 API: UnauthorizedOperation: You are not authorized.',
    ]);
  });
});
