/** Where this instance is in its VPC, as the metadata service says of its first interface. */

import type { Imds } from './imds.ts';

/** `subnetCidr`: of IPv4. `securityGroups`: their ids. `ownerId`: the account of the interface. */
export type Network = Readonly<{
  address: string;
  mac: string;
  subnetId: string;
  subnetCidr: string;
  vpcId: string;
  securityGroups: readonly string[];
  ownerId: string;
}>;

/** Undefined: the instance has no IPv4 address, as in a subnet of IPv6 only. */
export async function readNetwork(
  imds: Pick<Imds, 'text'>,
  signal: AbortSignal,
): Promise<Network | undefined> {
  const text = async (path: string): Promise<string> =>
    ((await imds.text(`meta-data/${path}`, signal)) ?? '').trim();
  // Both are those of device number 0, also where there are further interfaces.
  const [address = '', mac = ''] = await Promise.all(['local-ipv4', 'mac'].map(text));
  if (address === '' || mac === '') return undefined;
  const of = (name: string): Promise<string> => text(`network/interfaces/macs/${mac}/${name}`);
  const [subnetId = '', subnetCidr = '', vpcId = '', groups = '', ownerId = ''] = await Promise.all(
    ['subnet-id', 'subnet-ipv4-cidr-block', 'vpc-id', 'security-group-ids', 'owner-id'].map(of),
  );
  const securityGroups = groups.split(/\s+/).filter((group) => group !== '');
  return { address, mac, subnetId, subnetCidr, vpcId, securityGroups, ownerId };
}
