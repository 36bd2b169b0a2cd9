/**
 * Finds hosts in a form that Tsung cannot connect to, and says what to write instead.
 */

import { isIP } from 'node:net';
import type { Problem } from '../../../errors.ts';
import { literalAddress } from '../../addresses.ts';
import type { LoadTarget } from '../scenario/targets.ts';
import type { Where } from '../xml/source-map.ts';

export function hostProblem(
  { host, type, element }: LoadTarget,
  where: Where,
): Problem | undefined {
  const problem = spelling(host) ?? (type === undefined ? undefined : family(host, type));
  if (problem === undefined) return undefined;
  return { code: 'TSUNG_HOST', ...problem, where: where(element.start) };
}

type HostProblem = Pick<Problem, 'message' | 'hint'>;

function spelling(host: string): HostProblem | undefined {
  const [, name, port] = /^([^:]*|\[.*\]):(\d*)$/.exec(host) ?? [];
  if (name !== undefined) {
    return {
      message: `host "${host}" has a port in it`,
      hint: `write the port in its own attribute: host="${name.replace(/^\[|\]$/g, '')}" port="${port}"`,
    };
  }
  if (/[/\\@[\]]/.test(host)) {
    return {
      message: `host "${host}" is neither a name nor an address`,
      hint: 'write only the name or the address, without scheme, user, brackets and path',
    };
  }
  return undefined;
}

const withIpv6 = ['tcp', 'ssl', 'udp'];

/** Tsung looks up addresses of one family only, and does not accept the other even as a literal. */
function family(host: string, type: string): HostProblem | undefined {
  const version = isIP(literalAddress(host) ?? '');
  const isFor6 = type.endsWith('6');
  if (version === 0 || isFor6 === (version === 6)) return undefined;
  const message = `host "${host}" is an IPv${version} address, but type="${type}" connects by IPv${isFor6 ? 6 : 4}`;
  if (isFor6) return { message, hint: `"${host}" needs type="${type.slice(0, -1)}"` };
  const hint = withIpv6.includes(type)
    ? `"${host}" needs type="${type}6"`
    : `tsung reaches IPv6 addresses only by ${withIpv6.map((one) => `${one}6`).join(', ')}`;
  return { message, hint };
}
