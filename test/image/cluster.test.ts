/**
 * Two machines of one launch in one subnet, with a zip as their user-data and nothing else: they
 * find each other and fire as one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Identity } from '../../src/aws/identity.ts';
import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import { hostAddress, networkOf, newIdentity } from './ec2.ts';
import { startLan } from './lan.ts';
import { boot, type Machine } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { startTarget, type Target } from './target.ts';
import { isOver, summaryOf, until } from './watch.ts';

const seconds = 60;
const rate = 2;
/** Too far from each other to be found among the nearest addresses. */
const addresses = ['10.0.2.15', '10.0.9.200'];

type Instance = Readonly<{ identity: Identity; address: string; machine: Machine }>;

const stack = new AsyncDisposableStack();
let target: Target;
let instances: readonly Instance[];

beforeAll(async () => {
  const lan = stack.use(await startLan({ hostAddress, addresses }));
  target = await startTarget(hostAddress);
  stack.defer(() => target.close());
  const userData = await zipOf({
    'tsung.xml': tsungXml({ port: target.port, seconds, rate }),
  });
  const launched = lan.nics.map(async (nic, launchIndex): Promise<Instance> => {
    const { mac, address } = nic;
    const identity = { ...newIdentity(address), launchIndex };
    const network = networkOf({ mac, address, cidr: lan.cidr });
    const service = await startMetadataService({ identity, userData, network });
    stack.defer(() => service.close());
    lan.setMetadataService(nic, Number(new URL(service.url).port));
    return { identity, address, machine: stack.use(await boot({ nic })) };
  });
  instances = await Promise.all(launched);
});
afterAll(() => stack.disposeAsync());

describe('two machines of one launch', () => {
  it('fire as one', async () => {
    for (const { identity, machine } of instances) {
      const run = await until({ ec2: { identity }, machine }, isOver);
      expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
      const summary = await summaryOf({ ec2: { identity }, machine });
      console.log(summary.totals.requests, target.hits.length);
    }
    expect(new Set(target.hits.map(({ from }) => from))).toEqual(new Set(addresses));
  });
});
