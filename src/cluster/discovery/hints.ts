/** What to say when no other member answers. */

import type { Network } from '../../aws/network.ts';
import type { Self } from './introductions.ts';

type Place = Readonly<{ region: string; self: Self }>;

/** The most frequent reason: a security group lets nothing in, from its own members neither. */
export function unreachableHint({
  network,
  region,
  self,
}: Place & Readonly<{ network: Network }>): string {
  const { port } = self;
  const [group = '<id of their security group>'] = network.securityGroups;
  const rule = (protocol: string): string =>
    `'IpProtocol=${protocol},FromPort=${port},ToPort=${port},UserIdGroupPairs=[{GroupId=${group}}]'`;
  return [
    'no other member of the cluster has answered.',
    'If they are running, their security group does not let them reach each other. Let it:',
    `aws ec2 authorize-security-group-ingress --region ${region} --group-id ${group} --ip-permissions ${rule('tcp')} ${rule('udp')}`,
  ].join(' ');
}

/** With `cluster.discover: none` and no peers. */
export function unnamedHint({ region, self }: Place): string {
  return [
    'cluster.discover is none, and cluster.peers does not name any member.',
    'Write the private addresses of all members into a tag of each of them:',
    `aws ec2 create-tags --region ${region} --resources ${self.instanceId} --tags 'Key=onager:cluster.peers,Value=${self.address} ADDRESS ADDRESS'`,
  ].join(' ');
}
