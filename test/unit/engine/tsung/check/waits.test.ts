/** What is said about several waits at once. */
import { expect, it } from 'vitest';
import { createWaits } from '../../../../../src/engine/tsung/check/waits.ts';

it('the first wait that is not done is named, with its limit, until none is left', async () => {
  const told: string[] = [];
  const named = createWaits(({ what, limitMs }) => told.push(`${what} ${limitMs}`));
  const names = Promise.withResolvers<number>();
  const addresses = Promise.withResolvers<number>();
  const reader = Promise.withResolvers<number>();
  const waits = [
    named('names', { limitMs: 1, done: names.promise }),
    named('the addresses', { limitMs: 2, done: addresses.promise }),
    named('reader', { limitMs: 3, done: reader.promise }),
  ];
  addresses.resolve(2);
  expect(await waits[1]).toBe(2);
  expect(told).toEqual(['names 1']);
  names.resolve(1);
  await waits[0];
  expect(told).toEqual(['names 1', 'reader 3']);
  reader.reject(new Error('no'));
  await expect(waits[2]).rejects.toThrow('no');
  expect(told).toEqual(['names 1', 'reader 3']);
});
