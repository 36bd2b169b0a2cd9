/**
 * The datagram by which members of a cluster find each other. It introduces an instance and no
 * more: a member counts after the handshake of its TLS connection.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { number, object, oneOf, parseWithSchema, text, wholeNumber } from '../../schema.ts';

/**
 * `cluster`: a hash of the cluster's identity. `address`, `port`: where its members' port is.
 * `nonce`: chosen at each start of the agent. `sequence`: rises with each datagram of that start.
 * `atMs`: Unix time.
 */
export type Hello = Readonly<{
  kind: 'hello' | 'answer';
  cluster: string;
  instanceId: string;
  launchIndex: number;
  address: string;
  port: number;
  nonce: string;
  sequence: number;
  atMs: number;
}>;

/** Every datagram has this size: an answer is never larger than what it answers. */
export const helloBytes = 384;

const magic = Buffer.from('onager-hello-1\n');
const macBytes = 32;

const schema = object({
  kind: oneOf('hello', 'answer'),
  cluster: text('a hash', (value) => /^[0-9a-f]{16}$/.test(value)),
  instanceId: text('an instance id', (value) => /^[\w-]{1,64}$/.test(value)),
  launchIndex: number('a launch index', (value) => Number.isSafeInteger(value) && value >= 0),
  address: text('an IPv4 address', isIPv4),
  port: number('a port', (value) => Number.isInteger(value) && value > 0 && value < 65_536),
  nonce: text('a nonce', (value) => /^[0-9a-f]{32}$/.test(value)),
  sequence: wholeNumber,
  atMs: wholeNumber,
});

/** Throws a RangeError if its texts are too long for one datagram. */
export function encodeHello(hello: Hello, key: Uint8Array): Buffer {
  const body = Buffer.alloc(helloBytes - magic.length - macBytes, ' ');
  const json = JSON.stringify(hello);
  if (Buffer.byteLength(json) > body.length) throw new RangeError(`too long: ${json}`);
  body.write(json);
  return Buffer.concat([magic, macOf(body, key), body]);
}

/**
 * `foreign`: not a datagram of ours. `unauthentic`: ours by its first bytes, but made without the
 * key, or altered.
 */
export function decodeHello(
  datagram: Uint8Array,
  key: Uint8Array,
): Hello | 'foreign' | 'unauthentic' {
  const bytes = Buffer.from(datagram);
  if (bytes.length !== helloBytes || !bytes.subarray(0, magic.length).equals(magic))
    return 'foreign';
  const mac = bytes.subarray(magic.length, magic.length + macBytes);
  const body = bytes.subarray(magic.length + macBytes);
  if (!timingSafeEqual(mac, macOf(body, key))) return 'unauthentic';
  try {
    return parseWithSchema(schema, body.toString('utf8'));
  } catch {
    // Another version has the same key.
    return 'foreign';
  }
}

function macOf(body: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(magic).update(body).digest();
}
