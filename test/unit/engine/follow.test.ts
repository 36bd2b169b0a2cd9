/** Following a file: every byte once, to the very end, no matter when and how it is written. */

import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FollowOptions, followFile } from '../../../src/engine/follow.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let path = '';
beforeEach(async () => {
  dir = await temporaryFolder('follow');
  path = join(dir, 'dump');
});

const signal = AbortSignal.timeout(30_000);
const over = async (): Promise<boolean> => true;
async function collect(options: Partial<FollowOptions>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const given = { path, hasEnded: over, signal, pollMs: 1, ...options };
  for await (const bytes of followFile(given)) text += decoder.decode(bytes, { stream: true });
  return text;
}

describe('a finished file', () => {
  it.each([0, 1, 9, 10, 11, 100])('of %i bytes is read whole in chunks of ten', async (length) => {
    const text = 'x'.repeat(length);
    await writeFile(path, text);
    expect(await collect({ chunkBytes: 10 })).toBe(text);
  });

  it('that never was has no bytes', async () => {
    expect(await collect({})).toBe('');
    expect(await collect({ path: async () => undefined })).toBe('');
  });
});

describe('a growing file', () => {
  it('is awaited, followed and read up to its last bytes', async () => {
    // The writer writes each time it is asked whether it has ended, and one last time while it says
    // yes.
    const steps = [undefined, 'first ', 'second ', undefined, 'last'];
    const hasEnded = async (): Promise<boolean> => {
      const step = steps.shift();
      if (step !== undefined) await appendFile(path, step);
      return steps.length === 0;
    };
    expect(await collect({ hasEnded })).toBe('first second last');
  });

  it('is found when its name is known', async () => {
    let asked = 0;
    const find = async (): Promise<string | undefined> => {
      asked++;
      if (asked < 3) return undefined;
      await writeFile(path, 'here');
      return path;
    };
    const hasEnded = async (): Promise<boolean> => asked >= 3;
    expect(await collect({ path: find, hasEnded })).toBe('here');
    expect(asked).toBe(3);
  });

  it('gives every byte once, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        async (pieces, chunkBytes) => {
          await rm(path, { force: true });
          const left = [...pieces];
          const hasEnded = async (): Promise<boolean> => {
            await appendFile(path, left.shift() ?? '');
            return left.length === 0;
          };
          expect(await collect({ hasEnded, chunkBytes })).toBe(pieces.join(''));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a reader that has had enough', () => {
  it('is let go by its signal', async () => {
    const stop = new AbortController();
    const hasEnded = async (): Promise<boolean> => {
      stop.abort(new Error('enough'));
      return false;
    };
    await expect(collect({ hasEnded, signal: stop.signal })).rejects.toThrow();
    await writeFile(path, 'x');
    await expect(collect({ signal: stop.signal })).rejects.toThrow('enough');
  });

  it('can leave in the middle', async () => {
    await writeFile(path, 'x'.repeat(100));
    for await (const bytes of followFile({ path, hasEnded: over, signal, chunkBytes: 10 })) {
      expect(bytes).toHaveLength(10);
      break;
    }
  });
});
