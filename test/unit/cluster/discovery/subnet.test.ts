/** Which addresses are asked for other members, and in which order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesToAsk, parseSubnet } from '../../../../src/cluster/discovery/subnet.ts';
import { createRandom } from '../../../support/random.ts';

function asked(cidr: string, own: string): readonly string[] {
  const subnet = parseSubnet(cidr);
  if (subnet === undefined) throw new Error(`no subnet: ${cidr}`);
  return addressesToAsk(subnet, own, createRandom(1));
}

describe('parseSubnet', () => {
  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/8',
    '10.0.0.0/17',
    '10.0.0.0/29',
    '10.0.0.0/32',
    '10.0.0.0/2e1',
    '10.0.0.256/20',
    '2001:db8::/64',
  ])('does not take %j', (cidr) => {
    expect(parseSubnet(cidr)).toBeUndefined();
  });
});

describe('addressesToAsk', () => {
  it('leaves out what AWS keeps, and the own address', () => {
    expect(asked('10.0.0.16/28', '10.0.0.21').toSorted()).toEqual(
      [20, 22, 23, 24, 25, 26, 27, 28, 29, 30].map((last) => `10.0.0.${last}`),
    );
  });

  it('asks the nearest first', () => {
    expect(asked('172.31.16.0/20', '172.31.17.0').slice(0, 4)).toEqual([
      '172.31.16.255',
      '172.31.17.1',
      '172.31.16.254',
      '172.31.17.2',
    ]);
  });

  it('asks every other address of the subnet once', () => {
    const subnets = fc.record({
      start: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      bits: fc.integer({ min: 18, max: 28 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(subnets, ({ start, bits, seed }) => {
        const text = (number: number): string =>
          [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
        const size = 2 ** (32 - bits);
        const first = start - (start % size);
        const subnet = parseSubnet(`${text(start)}/${bits}`);
        const own = text(first + 4);
        const all = subnet && addressesToAsk(subnet, own, createRandom(seed));
        expect(new Set(all).size).toBe(size - 6);
        expect(all).toHaveLength(size - 6);
        expect(all).not.toContain(own);
        expect(all).not.toContain(text(first + size - 1));
        expect(all).not.toContain(text(first + 3));
      }),
      { numRuns: 20 },
    );
  });
});
