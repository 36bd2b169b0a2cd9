/** How the page keeps the machine alive for longer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bearer, runState, type Started, start } from '../web/setup.ts';

const request = { method: 'POST', url: '/api/extend' } as const;

let started: Started;
beforeEach(() => {
  started = start();
});
afterEach(() => started.server.close());

describe('POST /api/extend', () => {
  it('answers with the new time, and in words when it is no longer possible', async () => {
    const powerOff = {
      at: '2026-11-22T23:00:00.000Z',
      reason: 'lifetime',
      action: 'stop',
      pretended: false,
      extendable: true,
    } as const;
    started.setState({ ...runState, lifetime: { endsAt: powerOff.at, powerOff } });
    const first = await started.server.inject({ ...request, headers: bearer });
    expect(first.statusCode).toBe(200);
    expect(first.json()).toEqual({ lifetimeEndsAt: powerOff.at, powerOff });
    await started.server.inject({ ...request, headers: bearer });
    const last = await started.server.inject({ ...request, headers: bearer });
    expect(last.statusCode).toBe(409);
    expect(last.json()).toMatchObject({
      status: 409,
      detail: expect.stringContaining('postponed'),
    });
  });

  it.each([
    ['without the key', {}, 401],
    ['with a wrong key', { authorization: 'Bearer no' }, 401],
    ['from another site', { ...bearer, origin: 'http://evil.test', host: 'localhost' }, 403],
    ['from another site by its fetch', { ...bearer, 'sec-fetch-site': 'cross-site' }, 403],
  ])('does nothing %s', async (_, headers, status) => {
    const response = await started.server.inject({ ...request, headers });
    expect([response.statusCode, started.world.extensions]).toEqual([status, 0]);
  });

  it('cannot be read', async () => {
    const response = await started.server.inject({ url: '/api/extend', headers: bearer });
    expect([response.statusCode, started.world.extensions]).toEqual([404, 0]);
  });
});
