/** What to say when no other member answers: mostly their security group is the reason. */

import type { Network } from '../../aws/network.ts';

export function unreachableHint({
  network,
  region,
  port,
  aloneMs,
}: Readonly<{ network: Network; region: string; port: number; aloneMs: number }>): string {
  const [group = '<id of their security group>'] = network.securityGroups;
  const rule = (protocol: string): string =>
    `'IpProtocol=${protocol},FromPort=${port},ToPort=${port},UserIdGroupPairs=[{GroupId=${group}}]'`;
  return [
    `no other member has answered for ${Math.round(aloneMs / 1_000)} s.`,
    `If they are running, their security group does not let members through. Let it:`,
    `aws ec2 authorize-security-group-ingress --region ${region} --group-id ${group} --ip-permissions ${rule('tcp')} ${rule('udp')}`,
  ].join(' ');
}
