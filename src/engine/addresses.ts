/**
 * Addresses that load must never reach, because credentials are served there or members of a
 * cluster talk there, and addresses of the machine itself.
 */

import { BlockList, isIP } from 'node:net';

const forbidden = new BlockList();
// Link-local: the metadata service, task credentials, and the resolver and clock of EC2.
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addSubnet('fd00:ec2::', 32, 'ipv6');
forbidden.addSubnet('fe80::', 10, 'ipv6');
// The same IPv4 addresses, reached through NAT64.
forbidden.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');

/**
 * Of the members of a cluster, by TCP and UDP. The packet filter keeps the engine from it, wherever
 * it is.
 */
export const membersPortNumber = 7424;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
// The unspecified address: the kernel connects to itself.
loopback.addAddress('0.0.0.0', 'ipv4');
loopback.addAddress('::', 'ipv6');

/** Whether this is a forbidden address, in any spelling; false for a name. */
export function isForbidden(host: string): boolean {
  return isIn(forbidden, host);
}

/** Whether this is an address of the connecting machine itself. */
export function isLoopback(host: string): boolean {
  return /^(?:.+\.)?localhost(?:\.localdomain)?\.?$/i.test(host) || isIn(loopback, host);
}

/**
 * The address, if a host is one and not a name: `2852039166`, `0xa9fea9fe`, `0251.0376.43518` and
 * `::ffff:a9fe:a9fe` are addresses.
 */
export function literalAddress(host: string): string | undefined {
  const bare = host.trim().replace(/^\[|\]$/g, '');
  const withoutZone = bare.replace(/%.*/s, '');
  if (isIP(withoutZone) !== 0) return withoutZone;
  return addressIn(`http://${bare}/`);
}

/**
 * The address in what may be a URL. The URL standard covers every way in which programs read one:
 * backslashes for slashes, one slash or none, tabs, percent-encoding, digits of other scripts,
 * numbers as IPv4 addresses.
 */
export function addressIn(url: string): string | undefined {
  // The value of a variable is not known; it may be a port.
  const constant = url.replace(/%%[^%]*%%/g, '1');
  // With a base of another scheme, a URL without a host is not taken as a path below that base.
  const host = URL.parse(constant, 'ftp://nowhere.invalid/')?.hostname ?? '';
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

function isIn(list: BlockList, host: string): boolean {
  const address = literalAddress(host);
  return address !== undefined && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
