/** Unpacking gzip at once, held against what zlib packs. */

import { constants, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzip } from '../../../src/page/gunzip.ts';
import { hour } from '../../support/page-fixture.ts';

describe('gunzip', () => {
  it('gives back what was packed, at every level and by every strategy', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 5_000 }),
      fc
        .tuple(fc.string({ maxLength: 40 }), fc.integer({ min: 0, max: 4_000 }))
        .map(([text, times]) => new TextEncoder().encode(text.repeat(times))),
    );
    const strategies = [
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ];
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(...strategies),
        (plain, level, strategy) => {
          const packed = gzipSync(plain, { level, strategy });
          expect(Buffer.from(gunzip(packed)).equals(plain)).toBe(true);
        },
      ),
    );
  });

  it('unpacks a large report', () => {
    const plain = Buffer.from(JSON.stringify(hour({ names: 200 })));
    expect(Buffer.from(gunzip(gzipSync(plain, { level: 9 }))).equals(plain)).toBe(true);
  });

  it('refuses what is cut or changed, or gives something else: it never hangs', () => {
    const packed = gzipSync(JSON.stringify(hour({ names: 3 })).slice(0, 20_000), { level: 9 });
    for (let length = 0; length < packed.length; length += 97) {
      expect(() => gunzip(packed.subarray(0, length))).toThrow('damaged');
    }
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(packed);
        changed[at] = value;
        try {
          gunzip(changed);
        } catch (error) {
          expect(error).toEqual(new Error('the data in this file are damaged'));
        }
      }),
    );
  });
});
