/**
 * Names of targets: looked up again if the resolver may not be up yet, but no longer than a user
 * would wait.
 */

import { describe, expect, it } from 'vitest';
import type { Waiting } from '../../../../../src/engine/engine.ts';
import { createResolve, type Lookup } from '../../../../../src/engine/tsung/check/resolve.ts';

const signal = AbortSignal.timeout(60_000);
const pace = { firstMs: 5, capMs: 5 };
const failing = (code: string) => Object.assign(new Error(code), { code });

/** Fails this many times, then resolves. */
function lookups(code: string, failures: number) {
  let asked = 0;
  const look: Lookup = async () => {
    asked += 1;
    if (asked <= failures) throw failing(code);
    return ['192.0.2.1'];
  };
  return { look, asked: () => asked };
}

describe('a name', () => {
  it.each([
    ['EAI_AGAIN', 'the resolver does not answer'],
    ['ENOTFOUND', 'no such name'],
  ])('that comes late (%s) is awaited and reported during a boot', async (code, words) => {
    const { look, asked } = lookups(code, 7);
    const told: string[] = [];
    const onWaiting = ({ what, limitMs, lastAnswer }: Waiting): void =>
      void told.push(`${what}: ${lastAnswer} (${limitMs})`);
    const resolve = createResolve(look, { patienceMs: 60_000, onWaiting }, pace);
    expect(await resolve('shop.test', signal)).toEqual(['192.0.2.1']);
    expect(asked()).toBe(8);
    expect(told).toEqual(Array(7).fill(`an address of the target shop.test: ${words} (60000)`));
  });

  it('that does not exist is reported at once if there is no patience', async () => {
    const { look, asked } = lookups('ENOTFOUND', 7);
    expect(await createResolve(look, undefined, pace)('shop.test', signal)).toBe('no such name');
    expect(asked()).toBe(1);
  });

  it('is looked up again if the resolver does not answer, even without patience', async () => {
    const { look } = lookups('EAI_AGAIN', 7);
    const resolve = createResolve(look, undefined, pace);
    expect(await resolve('shop.test', signal)).toEqual(['192.0.2.1']);
  });

  it('that never comes is given up, with how long it was asked for', async () => {
    const { look, asked } = lookups('EAI_AGAIN', Number.POSITIVE_INFINITY);
    const patience = { patienceMs: 50, onWaiting: () => undefined };
    const words = await createResolve(look, patience, pace)('shop.test', signal);
    expect(words).toMatch(/^the resolver does not answer; Onager kept asking for \d+ s$/);
    expect(asked()).toBeGreaterThan(2);
  });

  it('of a resolver that is silent is given up as well', async () => {
    const silent: Lookup = () => new Promise(() => undefined);
    const patience = { patienceMs: 50, onWaiting: () => undefined };
    expect(await createResolve(silent, patience, pace)('shop.test', signal)).toContain(
      'the resolver does not answer',
    );
  });

  it('is given up when the run ends', async () => {
    const { look } = lookups('EAI_AGAIN', Number.POSITIVE_INFINITY);
    const over = new AbortController();
    const onWaiting = (): void => over.abort();
    const resolve = createResolve(look, { patienceMs: 60_000, onWaiting }, pace);
    await expect(resolve('shop.test', over.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
