/** The addresses of a subnet of a VPC, in the order in which other members are looked for. */

import { isIPv4 } from 'node:net';

/** `first`, `size`: as numbers of 32 bits. */
type Subnet = Readonly<{ first: number; size: number }>;

/** A VPC's largest subnet is a /16; a sweep of more than a /18 takes longer than it is worth. */
const widestPrefix = 18;
const narrowestPrefix = 28;

/** AWS keeps a subnet's first four addresses (network, router, DNS, future use) and its last. */
const keptAtStart = 4;
const keptAtEnd = 1;

/** Members of one launch often have addresses close to each other: these are asked first. */
const nearby = 32;

/** Undefined: it is not an IPv4 subnet that can be swept. */
export function parseSubnet(cidr: string): Subnet | undefined {
  const [address = '', prefix = ''] = cidr.split('/');
  const bits = Number(prefix);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(prefix)) return undefined;
  if (bits < widestPrefix || bits > narrowestPrefix) return undefined;
  const size = 2 ** (32 - bits);
  const number = toNumber(address);
  return { first: number - (number % size), size };
}

/**
 * Every address that an instance may have but `own`, each once: the nearest ones first, the rest in
 * a random order, so that the members of a cluster do not all ask the same address at once.
 * `random`: from 0 to below 1.
 */
export function addressesToAsk(
  { first, size }: Subnet,
  own: string,
  random: () => number,
): readonly string[] {
  const center = toNumber(own);
  const near: number[] = [];
  const far: number[] = [];
  for (let at = first + keptAtStart; at < first + size - keptAtEnd; at++) {
    const distance = Math.abs(at - center);
    if (distance === 0) continue;
    (distance <= nearby ? near : far).push(at);
  }
  near.sort((a, b) => Math.abs(a - center) - Math.abs(b - center) || a - b);
  return [...near, ...shuffled(far, random)].map(toText);
}

function shuffled(numbers: readonly number[], random: () => number): readonly number[] {
  const result = [...numbers];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a = 0, b = 0] = [result[last], result[other]];
    result[last] = b;
    result[other] = a;
  }
  return result;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
