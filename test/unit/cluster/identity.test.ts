/** Which cluster an instance belongs to, and who can derive its key. */
import { describe, expect, it } from 'vitest';
import { clusterId, deriveKey } from '../../../src/cluster/identity.ts';

const fleet = { 'aws:ec2:fleet-id': 'fleet-1' };
const group = { 'aws:autoscaling:groupName': 'shop' };

describe('clusterId', () => {
  it.each([
    {
      given: { setting: 'mine', tags: { ...fleet, ...group }, reservationId: 'r-1' },
      is: { kind: 'cluster.id', value: 'mine' },
    },
    {
      given: { tags: { ...group, ...fleet }, reservationId: 'r-1' },
      is: { kind: 'fleet', value: 'fleet-1' },
    },
    {
      given: { tags: group, reservationId: 'r-1' },
      is: { kind: 'auto-scaling-group', value: 'shop' },
    },
    {
      given: { tags: { 'aws:ec2:fleet-id': '' }, reservationId: 'r-1' },
      is: { kind: 'reservation', value: 'r-1' },
    },
    { given: { tags: {} }, is: undefined },
  ])('is $is for $given', ({ given, is }) => {
    expect(clusterId(given)).toEqual(is);
  });
});

describe('deriveKey', () => {
  const launched = {
    userData: Buffer.from('PK'),
    accountId: '123456789012',
    vpcId: 'vpc-1',
  } as const;
  const source = { ...launched, cluster: { kind: 'reservation', value: 'r-1' } } as const;

  it('gives all members of a cluster the same 32 bytes', () => {
    expect(deriveKey(source)).toEqual(deriveKey({ ...source }));
    expect(deriveKey(source)).toHaveLength(32);
  });

  it('gives all launches of the user-data one for datagrams, which admits nobody', () => {
    expect(deriveKey(launched)).toHaveLength(32);
    expect(deriveKey(launched)).not.toEqual(deriveKey(source));
    expect(deriveKey({ ...launched, vpcId: 'vpc-2' })).not.toEqual(deriveKey(launched));
  });

  it.each([
    { userData: Buffer.from('PL') },
    { accountId: '123456789013' },
    { vpcId: 'vpc-2' },
    { cluster: { kind: 'reservation', value: 'r-2' } },
    { cluster: { kind: 'fleet', value: 'r-1' } },
    { secret: 'sixteen letters!' },
    { accountId: '123456789012vpc-', vpcId: '1' },
  ] as const)('gives others another: %o', (other) => {
    expect(deriveKey({ ...source, ...other })).not.toEqual(deriveKey(source));
  });
});
