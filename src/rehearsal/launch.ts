/** The instances of one launch: who they are, and where they are in their network. */

import { randomBytes } from 'node:crypto';
import type { Identity } from '../aws/identity.ts';
import type { Network } from '../aws/network.ts';
import type { LoopbackSubnet } from './loopback-subnet.ts';

type Launched = Readonly<{ identity: Identity; network?: Network }>;

/** `subnet`: where they find each other; one instance needs none. */
export function simulatedLaunch(
  count: number,
  subnet: Pick<LoopbackSubnet, 'addresses' | 'cidr'> | undefined,
): readonly Launched[] {
  const identity = {
    launchedAt: `${new Date().toISOString().slice(0, 19)}Z`,
    imageId: 'ami-0123456789abcdef0',
    instanceType: 'rehearsal',
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    region: 'us-east-1',
    availabilityZone: 'us-east-1a',
    accountId: '123456789012',
    reservationId: `r-0${randomId()}`,
    lifeCycle: 'on-demand',
  };
  return Array.from({ length: count }, (_, launchIndex) => {
    const privateIp = subnet?.addresses[launchIndex] ?? '127.0.0.1';
    return {
      identity: { ...identity, instanceId: `i-0${randomId()}`, launchIndex, privateIp },
      ...(subnet === undefined ? {} : { network: networkAt(privateIp, launchIndex, subnet.cidr) }),
    };
  });
}

function networkAt(address: string, index: number, subnetCidr: string): Network {
  return {
    address,
    mac: `02:74:24:00:00:${index.toString(16).padStart(2, '0')}`,
    subnetId: 'subnet-0123456789abcdef0',
    subnetCidr,
    vpcId: 'vpc-0123456789abcdef0',
    securityGroups: ['sg-0123456789abcdef0'],
    ownerId: '123456789012',
  };
}

function randomId(): string {
  return randomBytes(8).toString('hex');
}
