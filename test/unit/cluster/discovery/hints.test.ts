/** What the user is told when no other member answers. */
import { expect, it } from 'vitest';
import { unnamedHint, unreachableHint } from '../../../../src/cluster/discovery/hints.ts';

const self = {
  cluster: '0'.repeat(16),
  instanceId: 'i-0a',
  launchIndex: 0,
  address: '10.0.0.4',
  port: 7424,
};
const network = {
  address: '10.0.0.4',
  mac: '02:29:96:8f:6a:2d',
  subnetId: 'subnet-0aa',
  subnetCidr: '10.0.0.0/20',
  vpcId: 'vpc-0bb',
  securityGroups: ['sg-0cc', 'sg-0dd'],
  ownerId: '123456789012',
};

it('is the command that lets members reach each other, ready to paste', () => {
  const hint = unreachableHint({ network, region: 'eu-central-1', self });
  expect(hint).toContain(
    `aws ec2 authorize-security-group-ingress --region eu-central-1 --group-id sg-0cc --ip-permissions 'IpProtocol=tcp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0cc}]' 'IpProtocol=udp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0cc}]'`,
  );
});

it('is the command that names the members, where nothing else may find them', () => {
  expect(unnamedHint({ region: 'eu-central-1', self })).toContain(
    `aws ec2 create-tags --region eu-central-1 --resources i-0a --tags 'Key=onager:cluster.peers,Value=10.0.0.4 ADDRESS ADDRESS'`,
  );
});
