/** This instance's place in a cluster: whose member it is, and by which key it is admitted. */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Imds } from '../../aws/imds.ts';
import { type Network, readNetwork } from '../../aws/network.ts';
import { type ClusterId, clusterId, deriveKey } from '../../cluster/identity.ts';
import type { Member } from '../../cluster/member.ts';
import { membersPortNumber } from '../../engine/addresses.ts';
import { OnagerError } from '../../errors.ts';
import type { ClusterSettings } from '../../settings/settings.ts';
import { version } from '../../version.ts';
import type { Run } from '../run.ts';
import type { Versions } from './cluster.ts';

export type MemberPlace = Readonly<{
  self: Member;
  cluster: ClusterId;
  key: Buffer;
  helloKey: Buffer;
  network: Network;
}>;

/** An instance of which it can be found out. */
export type Placed = Pick<Run, 'folder' | 'instance' | 'pageUrl'> &
  Readonly<{ imds: Pick<Imds, 'tags' | 'text'> }>;

/** @throws OnagerError CLUSTER_NO_ADDRESS, CLUSTER_NO_IDENTITY */
export async function findPlace(
  { folder, imds, instance, pageUrl }: Placed,
  { id, key: secret }: Pick<ClusterSettings, 'id' | 'key'>,
  versions: Versions,
  signal: AbortSignal,
): Promise<MemberPlace> {
  const network = await readNetwork(imds, signal);
  if (network === undefined) throw noAddress(instance.instanceId);
  const { instanceId, launchIndex, reservationId } = instance;
  const tags = await imds.tags(signal);
  const cluster = clusterId({ setting: id, tags, reservationId });
  if (cluster === undefined) throw noIdentity(instanceId);
  const self: Member = {
    instanceId,
    launchIndex,
    address: network.address,
    port: membersPortNumber,
    page: pageUrl(instance),
    onager: version,
    ...versions,
    cpus: availableParallelism(),
  };
  const accountId = instance.accountId ?? network.ownerId;
  const userData = await readFile(folder.userData);
  const source = { userData, secret, accountId, vpcId: network.vpcId };
  const [key, helloKey] = [deriveKey({ ...source, cluster }), deriveKey(source)];
  return { self, cluster, key, helloKey, network };
}

function noAddress(instanceId: string): OnagerError {
  const message = `${instanceId} has no private IPv4 address, and members talk by theirs`;
  return new OnagerError('CLUSTER_NO_ADDRESS', message, {
    hint: 'launch the members in a subnet that has an IPv4 range',
  });
}

function noIdentity(instanceId: string): OnagerError {
  const message = `the metadata service says of ${instanceId} neither a reservation nor a group`;
  return new OnagerError('CLUSTER_NO_IDENTITY', message, {
    hint: 'give the members a common name: cluster: { id: … }',
  });
}
