/** Addresses that load may never reach: what answers there are credentials, not the target. */

import { BlockList, isIP } from 'node:net';

const forbidden = new BlockList();
// Link-local: the metadata service, task credentials, and the resolver and clock of EC2.
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fd00:ec2::', 32, 'ipv6');
forbidden.addSubnet('fe80::', 10, 'ipv6');
// The same IPv4 addresses, reached through NAT64.
forbidden.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');

/** Whether this address, in any spelling, is one of them; a name is none. */
export function isForbidden(host: string): boolean {
  const address = literalAddress(host);
  if (address === undefined) return false;
  return forbidden.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The address that a host is when it is no name: `2852039166`, `0xa9fea9fe`, `0251.0376.43518` and `::ffff:a9fe:a9fe` are some. */
export function literalAddress(host: string): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*/s, '');
  if (isIP(bare) !== 0) return bare;
  // The URL standard has every way in which resolvers read numbers as IPv4 addresses.
  const url = URL.parse(`http://${bare}/`);
  const read = url?.hostname ?? '';
  return isIP(read) === 0 ? undefined : read;
}
