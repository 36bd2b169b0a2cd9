/** The network of an instance, as its metadata service says. */
import { afterEach, expect, it } from 'vitest';
import { createImds } from '../../../src/aws/imds.ts';
import { type Network, readNetwork } from '../../../src/aws/network.ts';
import { silentLog } from '../../../src/log.ts';
import {
  type MetadataServiceOptions,
  startMetadataService,
} from '../../../src/rehearsal/metadata-service.ts';

const identity = {
  instanceId: 'i-0abc',
  launchedAt: '2026-11-22T22:10:00.000Z',
  imageId: 'ami-1',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  launchIndex: 2,
};

const network: Network = {
  address: '10.0.16.7',
  mac: '02:29:96:8f:6a:2d',
  subnetId: 'subnet-0aa',
  subnetCidr: '10.0.16.0/20',
  vpcId: 'vpc-0bb',
  securityGroups: ['sg-0cc', 'sg-0dd'],
  ownerId: '123456789012',
};

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function networkBy(options: Partial<MetadataServiceOptions>): Promise<Network | undefined> {
  const { url, close } = await startMetadataService({ identity, ...options });
  opened.defer(close);
  const imds = createImds({ baseUrls: [url], log: silentLog() });
  return await readNetwork(imds, new AbortController().signal);
}

it('is that of the interface with device number 0, further ones do not matter', async () => {
  const other = 'meta-data/network/interfaces/macs/02:00:00:00:00:01';
  const extra = {
    [`${other}/device-number`]: '1',
    [`${other}/subnet-ipv4-cidr-block`]: '10.9.0.0/16',
  };
  expect(await networkBy({ network, extra })).toEqual(network);
});

it('is unknown where the instance has an address of IPv6 only', async () => {
  expect(await networkBy({ network: { ...network, address: '' } })).toBeUndefined();
  expect(await networkBy({})).toBeUndefined();
});
