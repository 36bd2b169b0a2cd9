import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteRange, chunkKey, cut, maxChunkBytes } from '../../../src/publish/chunks.ts';

describe('cut', () => {
  it('covers every byte once and in order, however the file grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 100 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (growths, maxBytes) => {
          const chunks: ByteRange[] = [];
          let fileBytes = 0;
          for (const growth of growths) {
            fileBytes += growth;
            chunks.push(...cut(chunks.at(-1)?.to ?? 0, fileBytes, maxBytes));
          }
          let at = 0;
          for (const { from, to } of chunks) {
            expect(from).toBe(at);
            expect(to - from).toBeGreaterThan(0);
            expect(to - from).toBeLessThanOrEqual(maxBytes);
            at = to;
          }
          expect(at).toBe(fileBytes);
        },
      ),
    );
  });

  it('cuts nothing from a file that became shorter', () => {
    expect(cut(10, 5)).toEqual([]);
  });

  it('keeps a chunk below 8 MiB', () => {
    expect(maxChunkBytes).toBeLessThanOrEqual(8 * 1024 ** 2);
  });
});

describe('chunkKey', () => {
  it('sorts as the numbers do', () => {
    const keys = [1, 2, 9, 10, 99, 100, 999_999].map((seq) => chunkKey('raw/rows', seq));
    expect(keys.toSorted()).toEqual(keys);
    expect(keys[0]).toBe('raw/rows/000001.gz');
  });
});
