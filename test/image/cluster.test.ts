/**
 * Two machines of one launch in one subnet, with a zip as their user-data and nothing else: they
 * find each other and fire as one. In this order.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Identity } from '../../src/aws/identity.ts';
import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import { hostAddress, networkOf, newIdentity } from './ec2.ts';
import { inSeconds } from './figures.ts';
import { startLan } from './lan.ts';
import { boot } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { startTarget, type Target } from './target.ts';
import { get, isOver, summaryOf, until, type Watched } from './watch.ts';

const seconds = 60;
const rate = 2;
/** Two machines share the processors that other tests have for one. */
const limitMs = 800_000;
/** What cloud-init does after the network is there concerns no load. */
const kernelOptions = ['cloud-config', 'cloud-final'].map((unit) => `systemd.mask=${unit}.service`);
/** Too far from each other for the nearest addresses, which are asked first. */
const addresses = ['10.0.2.15', '10.0.9.200'];

type Instance = Watched & Readonly<{ identity: Identity; address: string }>;

const stack = new AsyncDisposableStack();
let target: Target;
let first: Instance;
let second: Instance;

beforeAll(async () => {
  const lan = stack.use(await startLan({ hostAddress, addresses }));
  target = await startTarget(hostAddress);
  stack.defer(() => target.close());
  const userData = await zipOf({
    'tsung.xml': tsungXml({ port: target.port, seconds, rate }),
    'onager.yaml': 'cluster: { size: 2 }\n',
  });
  const launched = lan.nics.map(async (nic, launchIndex): Promise<Instance> => {
    const { mac, address } = nic;
    const publicIp = `203.0.113.${17 + launchIndex}`;
    const identity = { ...newIdentity(address), launchIndex, publicIp };
    const network = networkOf({ mac, address, cidr: lan.cidr });
    const service = await startMetadataService({ identity, userData, network });
    stack.defer(() => service.close());
    lan.setMetadataService(nic, Number(new URL(service.url).port));
    const machine = stack.use(await boot({ nic, kernelOptions }));
    return { identity, address, machine, ec2: { identity } };
  });
  const [one, two] = await Promise.all(launched);
  if (one === undefined || two === undefined) throw new Error('there are not two machines');
  [first, second] = [one, two];
});
afterAll(() => stack.disposeAsync());

describe('two machines of one launch, with a zip, no role, no bucket', () => {
  it('find each other, and agree that the first of the launch leads', async ({ task }) => {
    const ids = [first, second].map(({ identity }) => identity.instanceId);
    const gathered = await startOf(first, ({ cluster }) => cluster?.members.length === 2);
    for (const one of [first, second]) {
      const { cluster } = await until(one, ({ phase }) => phase === 'running', limitMs);
      expect(cluster).toMatchObject({ size: 2, leader: first.identity.instanceId });
      expect(cluster?.members.map(({ instanceId }) => instanceId)).toEqual(ids);
      expect(cluster?.members.map(({ share }) => share)).toEqual([0.5, 0.5]);
    }
    await expect.poll(() => target.hits.length, { timeout: 200_000 }).toBeGreaterThan(0);
    const [hit] = target.hits;
    task.meta.figures = {
      'both members known to first request': inSeconds(((hit?.at ?? 0) - gathered) / 1_000),
    };
  });

  it('fire one load, each a part of it', async () => {
    const ends = [await until(first, isOver, limitMs), await until(second, isOver, limitMs)];
    for (const run of ends) {
      expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' }, problems: [] });
    }
    const from = Map.groupBy(target.hits, (hit) => hit.from);
    expect([...from.keys()].toSorted()).toEqual(addresses.toSorted());
    // Each user makes two requests. Both with the whole load would be twice as many.
    const planned = 2 * seconds * rate;
    expect(target.hits.length).toBeGreaterThan(0.6 * planned);
    expect(target.hits.length).toBeLessThan(1.4 * planned);
  });

  it('give one report, whose requests are those that the target has counted', async () => {
    const { totals } = await summaryOf(first);
    expect(totals.requests).toBe(target.hits.length);
    const key = first.identity.instanceId;
    const report = await get(first.machine.port, '/report.html', key);
    expect(report).toMatchObject({
      status: 200,
      body: expect.stringContaining(second.identity.instanceId),
    });
  });

  it('say on their consoles who was found', async () => {
    await first.machine.says(new RegExp(`onager: .*${second.identity.instanceId}`));
    await second.machine.says(new RegExp(`onager: .*${first.identity.instanceId}`));
  });

  it('ask their subnet as fast as the package lets them, and no datagram is lost for it', async () => {
    const log = 'cat /var/lib/onager/runs/*/logs/agent.log';
    const { output } = await second.machine.shell(`${log} | grep "addresses of the subnet"`);
    expect(output).toContain('"perSecond":1000');
    expect(output).not.toMatch(/"lost":[1-9]/);
  });

  it("let nothing but members speak to them: not the engine's user, not another machine", async () => {
    const ask = `curl --silent --insecure --max-time 20 https://${second.address}:7424/member`;
    const asEngine = await first.machine.shell(`runuser -u onager-engine -- ${ask}`);
    expect(asEngine.code).toBe(7);
    const asRoot = await first.machine.shell(ask);
    // Connected, and refused in the handshake: there is no certificate, and it has no key.
    expect(asRoot).toMatchObject({ code: 35, output: '' });
  });
});

/** When the state first met the condition, as seen from outside. */
async function startOf(one: Instance, wanted: Parameters<typeof until>[1]): Promise<number> {
  await until(one, wanted, limitMs);
  return Date.now();
}
