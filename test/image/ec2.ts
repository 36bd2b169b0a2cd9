/**
 * The EC2 around a booted machine: the metadata service at its real addresses, a bucket and a
 * target, all in this network namespace.
 */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../src/aws/identity.ts';
import type { Network } from '../../src/aws/network.ts';
import { type LocalBucket, startBucket } from '../../src/rehearsal/bucket/bucket.ts';
import {
  type MetadataServiceOptions,
  startMetadataService,
} from '../../src/rehearsal/metadata-service.ts';
import type { InstanceNow } from '../../src/rehearsal/metadata-tree.ts';
import { startTarget, type Target } from './target.ts';

/** The machine's address for the host's loopback, and its own address. */
export const hostAddress = '10.0.2.2';
const machineAddress = '10.0.2.15';
export const macAddress = '52:54:00:12:34:56';
const ownNic = { mac: macAddress, address: machineAddress, cidr: '10.0.2.0/24' };

const metadataHosts = ['169.254.169.254', 'fd00:ec2::254'] as const;
const bucketName = 'image-test';

export type Ec2 = AsyncDisposable &
  Readonly<{
    identity: Identity;
    /** The machine's user-data, which may contain the addresses of what is around it. */
    launch(launch: Launch): Promise<void>;
    change(change: Partial<InstanceNow>): void;
    bucket: LocalBucket;
    /** Settings that publish to the bucket, as lines of YAML. */
    publish: string;
    target: Target;
  }>;

export type Launch = Readonly<{
  userData?: Buffer;
  tags?: Readonly<Record<string, string>>;
  /** Whether it has an instance role, whose credentials the bucket accepts. */
  role?: boolean;
}>;

export type Ec2Options = Readonly<{
  /** How the instance differs from an on-demand one that is launched now. */
  identity?: Partial<Identity>;
  /** Sees each request to the metadata service first; true if it has answered. */
  intercept?: MetadataServiceOptions['intercept'];
}>;

export async function startEc2({ identity: given = {}, intercept }: Ec2Options = {}): Promise<Ec2> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'onager-ec2-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const secrets = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: 'image-test',
  };
  const storeDir = join(dir, 'store');
  const bucket = await startBucket({ bucket: bucketName, storeDir, ...secrets });
  stack.defer(() => bucket.close());
  const target = await startTarget();
  stack.defer(() => target.close());
  const identity = { ...newIdentity(machineAddress), ...given };
  const expiration = new Date(Date.now() + 6 * 3_600_000);
  const credentials = { ...secrets, expiration };
  let instance: InstanceNow = { identity, network: networkOf(ownNic) };
  let services: readonly Readonly<{ set(change: Partial<InstanceNow>): void }>[] = [];

  const owned = stack.move();
  return {
    identity,
    bucket,
    target,
    publish: `publish:
  to: s3://${bucketName}/runs
  endpoint: http://${hostAddress}:${bucket.port}
  region: us-east-1
`,
    async launch({ userData, tags, role }) {
      instance = {
        ...instance,
        userData,
        tags,
        role: role === true ? { name: 'onager', credentials } : undefined,
      };
      const started = await Promise.all(
        metadataHosts.map((host) =>
          startMetadataService({
            ...defined({ ...instance, intercept }),
            identity,
            host,
            port: 80,
          }),
        ),
      );
      for (const service of started) owned.defer(() => service.close());
      services = started;
    },
    change(change) {
      for (const service of services) service.set(change);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function newIdentity(privateIp: string): Identity {
  return {
    instanceId: `i-0${randomBytes(8).toString('hex')}`,
    launchedAt: `${new Date().toISOString().slice(0, 19)}Z`,
    imageId: 'ami-0123456789abcdef0',
    instanceType: 'c7i.large',
    architecture: 'x86_64',
    region: 'us-east-1',
    availabilityZone: 'us-east-1a',
    accountId: '123456789012',
    launchIndex: 0,
    reservationId: 'r-0123456789abcdef0',
    lifeCycle: 'on-demand',
    privateIp,
    publicIp: '203.0.113.17',
    publicHostname: 'ec2-203-0-113-17.compute-1.amazonaws.com',
  };
}

/** Where a machine is: cloud-init configures its network from this. */
export function networkOf({
  mac,
  address,
  cidr,
}: Readonly<{ mac: string; address: string; cidr: string }>): Network {
  return {
    address,
    mac,
    subnetId: 'subnet-0123456789abcdef0',
    subnetCidr: cidr,
    vpcId: 'vpc-0123456789abcdef0',
    securityGroups: ['sg-0123456789abcdef0'],
    ownerId: '123456789012',
  };
}

/** The fields that are not undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
