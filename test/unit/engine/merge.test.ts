/**
 * Several outputs read as one: nothing is lost or requested too early, and no reader is left
 * behind.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mergeReaders } from '../../../src/engine/merge.ts';
import { wait } from '../../../src/retry.ts';

const { signal } = new AbortController();

/** Gives the same array each time, as a reader may. */
async function* counting(name: string, count: number): AsyncGenerator<[string, number]> {
  const batch: [string, number] = [name, 0];
  for (let at = 0; at < count; at += 1) {
    batch[1] = at;
    yield batch;
  }
}

/** Gives nothing until it is told to end; `ends` is called then. */
async function* silent(told: AbortSignal, ends: string[]): AsyncGenerator<[string, number]> {
  try {
    await wait(60_000, told);
    yield ['never', 0];
  } finally {
    ends.push('silent');
  }
}

describe('several readers', () => {
  it('give all they have, each in its order, and end when all have ended', async () => {
    const seen: string[] = [];
    const readers = [() => counting('a', 3), () => counting('b', 500), () => counting('c', 0)];
    for await (const [name, at] of mergeReaders(readers, signal)) {
      seen.push(`${name}${at}`);
      // A slow consumer still sees the contents that the batch had when it came.
      await sleep(0);
    }
    expect(seen.filter((one) => one.startsWith('a'))).toEqual(['a0', 'a1', 'a2']);
    expect(seen.filter((one) => one.startsWith('b'))).toEqual(
      Array.from({ length: 500 }, (_, at) => `b${at}`),
    );
  });

  it('are none: nothing', async () => {
    for await (const _ of mergeReaders([], signal)) expect.unreachable();
  });

  it('do not wait for one that has nothing yet', async () => {
    const ends: string[] = [];
    const readers = [(told: AbortSignal) => silent(told, ends), () => counting('a', 2)];
    const seen: string[] = [];
    for await (const [name] of mergeReaders(readers, signal)) {
      seen.push(name);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['a', 'a']);
    expect(ends).toEqual(['silent']);
  });

  it('end where one of them fails, with what it said', async () => {
    const ends: string[] = [];
    const failing = async function* (): AsyncGenerator<[string, number]> {
      yield ['x', 0];
      throw new Error('broken');
    };
    const reading = async () => {
      for await (const _ of mergeReaders([(told) => silent(told, ends), failing], signal));
    };
    await expect(reading()).rejects.toThrow('broken');
    expect(ends).toEqual(['silent']);
  });

  it('end when the signal says so', async () => {
    const enough = new AbortController();
    const ends: string[] = [];
    const reading = async () => {
      for await (const _ of mergeReaders([(told) => silent(told, ends)], enough.signal));
    };
    const read = reading();
    enough.abort(new Error('enough'));
    await expect(read).rejects.toThrow();
    expect(ends).toEqual(['silent']);
  });
});
