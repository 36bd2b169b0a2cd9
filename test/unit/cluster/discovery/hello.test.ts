/** What a datagram must be, so that an instance is introduced by it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHello,
  encodeHello,
  type Hello,
  helloBytes,
} from '../../../../src/cluster/discovery/hello.ts';

const key = Buffer.alloc(32, 1);
const hello: Hello = {
  kind: 'hello',
  cluster: '0123456789abcdef',
  instanceId: 'i-0123456789abcdef0',
  launchIndex: 3,
  address: '172.31.255.255',
  port: 65_535,
  nonce: 'f'.repeat(32),
  sequence: 4_294_967_296,
  atMs: 1_800_000_000_000,
};

describe('a hello', () => {
  it('comes out as it went in, and is of one size', () => {
    for (const each of [hello, { ...hello, kind: 'answer', instanceId: 'i'.repeat(64) }] as const) {
      const datagram = encodeHello(each, key);
      expect(datagram).toHaveLength(helloBytes);
      expect(decodeHello(datagram, key)).toEqual(each);
    }
  });

  it('is not taken with another key', () => {
    expect(decodeHello(encodeHello(hello, Buffer.alloc(32, 2)), key)).toBe('unauthentic');
  });

  it('is not taken with any bit changed', () => {
    const datagram = encodeHello(hello, key);
    fc.assert(
      fc.property(fc.nat(helloBytes - 1), fc.nat(7), (at, bit) => {
        const altered = Buffer.from(datagram);
        altered[at] = (altered[at] ?? 0) ^ (1 << bit);
        expect(['foreign', 'unauthentic']).toContain(decodeHello(altered, key));
      }),
    );
  });

  it('of another length, or of any other bytes, is foreign', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decodeHello(bytes, key)).toBe('foreign');
      }),
    );
    const datagram = encodeHello(hello, key);
    for (const cut of [0, 1, helloBytes - 1])
      expect(decodeHello(datagram.subarray(0, cut), key)).toBe('foreign');
  });

  it.each([
    { address: '10.0.0' },
    { address: '::1' },
    { port: 0 },
    { instanceId: '../../etc' },
    { launchIndex: -1 },
    { cluster: 'x' },
    { nonce: '' },
    { sequence: 0.5 },
  ])('that holds %o is foreign, though it was made with the key', (other) => {
    expect(decodeHello(encodeHello({ ...hello, ...other }, key), key)).toBe('foreign');
  });

  it('too long for a datagram is not made', () => {
    expect(() => encodeHello({ ...hello, instanceId: 'i'.repeat(300) }, key)).toThrow(RangeError);
  });
});
