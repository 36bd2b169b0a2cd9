/**
 * What an instance's metadata service contains: contents by path, and the listings of its folders.
 */

import type { RoleCredentials } from '../aws/credentials.ts';
import type { Identity } from '../aws/identity.ts';
import type { Network } from '../aws/network.ts';

/** What the instance was launched with, and what has happened to it since. */
export type Instance = Readonly<{
  identity: Identity;
  /** Absent: nothing is said of its interface, as on an instance outside of a VPC. */
  network?: Network;
  userData?: Buffer;
  /** Absent: launched without `InstanceMetadataTags=enabled`. */
  tags?: Readonly<Record<string, string>>;
  role?: Readonly<{ name: string; credentials: RoleCredentials }>;
  spotAction?: Readonly<{ action: 'terminate' | 'stop' | 'hibernate'; time: string }>;
  rebalanceNotice?: Readonly<{ noticeTime: string }>;
  /** Any other content, by path below `/latest/`. */
  extra?: Readonly<Record<string, string>>;
}>;

/** An instance after changes: removed values are undefined. */
export type InstanceNow = Readonly<{
  [K in keyof Instance]: undefined extends Instance[K] ? Instance[K] | undefined : Instance[K];
}>;

/** Text, or the user-data's bytes. */
export type MetadataContent = string | Buffer;

/** Paths are those below `/latest/`. */
export function metadataTree(instance: InstanceNow): ReadonlyMap<string, MetadataContent> {
  const { identity, network, userData, tags, role, spotAction, rebalanceNotice, extra } = instance;
  const { privateIp, publicIp, publicHostname } = identity;
  const hostname = privateIp && `ip-${privateIp.replaceAll('.', '-')}.${identity.region}.internal`;
  const metaData: Record<string, string | undefined> = {
    'ami-id': identity.imageId,
    'ami-launch-index': String(identity.launchIndex),
    hostname,
    'instance-id': identity.instanceId,
    'instance-life-cycle': identity.lifeCycle ?? 'on-demand',
    'instance-type': identity.instanceType,
    'local-hostname': hostname,
    'local-ipv4': network?.address ?? privateIp,
    'placement/availability-zone': identity.availabilityZone,
    'placement/region': identity.region,
    'public-hostname': publicHostname,
    'public-ipv4': publicIp,
    'reservation-id': identity.reservationId,
    'services/domain': 'amazonaws.com',
    'services/partition': 'aws',
    'spot/instance-action': spotAction && JSON.stringify(spotAction),
    'events/recommendations/rebalance': rebalanceNotice && JSON.stringify(rebalanceNotice),
    ...(role && { [`iam/security-credentials/${role.name}`]: roleDocument(role) }),
    ...(network && interfaceData(network)),
  };
  for (const [key, value] of Object.entries(tags ?? {})) metaData[`tags/instance/${key}`] = value;
  const all: Record<string, MetadataContent | undefined> = {
    'dynamic/instance-identity/document': identityDocument(identity),
    ...Object.fromEntries(
      Object.entries(metaData).map(([name, text]) => [`meta-data/${name}`, text]),
    ),
    'user-data': userData,
    ...extra,
  };
  return new Map(
    Object.entries(all).flatMap(([path, content]) =>
      content === undefined ? [] : [[path, content] as const],
    ),
  );
}

/** A folder's listing, folders in it marked by a slash; undefined where there is no such folder. */
export function listing(
  tree: ReadonlyMap<string, MetadataContent>,
  path: string,
): string | undefined {
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  const names = new Set<string>();
  for (const file of tree.keys()) {
    if (!file.startsWith(folder)) continue;
    const [name = '', ...deeper] = file.slice(folder.length).split('/');
    // The top level alone is listed without slashes.
    names.add(deeper.length > 0 && folder !== '' ? `${name}/` : name);
  }
  return names.size === 0 ? undefined : [...names].sort().join('\n');
}

function identityDocument(identity: Instance['identity']): string {
  const { accountId, architecture, availabilityZone, imageId, instanceId } = identity;
  const { instanceType, launchedAt, privateIp, region } = identity;
  const document = {
    accountId,
    architecture,
    availabilityZone,
    imageId,
    instanceId,
    instanceType,
    pendingTime: launchedAt.replace(/\.\d+Z$/, 'Z'),
    privateIp,
    region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, undefined, 2);
}

function interfaceData(network: Network): Readonly<Record<string, string>> {
  const { address, mac, subnetId, subnetCidr, vpcId, securityGroups, ownerId } = network;
  const of = {
    'device-number': '0',
    'local-ipv4s': address,
    mac,
    'owner-id': ownerId,
    'security-group-ids': securityGroups.join('\n'),
    'subnet-id': subnetId,
    'subnet-ipv4-cidr-block': subnetCidr,
    'vpc-id': vpcId,
  };
  const entries = Object.entries(of).map(
    ([name, text]) => [`network/interfaces/macs/${mac}/${name}`, text] as const,
  );
  return { mac, ...Object.fromEntries(entries) };
}

function roleDocument({ credentials }: NonNullable<Instance['role']>): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  const document = {
    Code: 'Success',
    LastUpdated: new Date().toISOString(),
    Type: 'AWS-HMAC',
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration.toISOString(),
  };
  return JSON.stringify(document, undefined, 2);
}
