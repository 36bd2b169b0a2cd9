/** Server-sent events over real sockets. */
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual, promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { MeasurementsTick } from '../../../src/results/measurements.ts';
import type { RunState } from '../../../src/run/state.ts';
import { listen } from '../../../src/web/listen.ts';
import type { ServerOptions } from '../../../src/web/server.ts';
import { bearer, measurements, outcome, runState, start, summary } from '../../unit/web/setup.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const tick = (requests: number): MeasurementsTick => ({
  ...measurements,
  totals: { ...measurements.totals, requests },
  seriesFrom: 0,
});

async function serve(events: ServerOptions['events'] = {}) {
  const started = start({ events });
  const url = await listen(started.server, { host: '127.0.0.1', port: 0 });
  closers.push(() => started.server.close());
  return { ...started, url: `${url}/api/events` };
}

async function open(url: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request: ClientRequest = get(url, { headers: bearer, agent: false }, resolve);
  request.on('error', reject);
  closers.push(() => request.destroy());
  return promise;
}

/** The events of a stream, one after the other; `undefined` once it has ended. */
async function look(url: string) {
  const response = await open(url);
  expect(response.statusCode).toBe(200);
  const lines = createInterface({ input: response.on('error', () => {}) })[Symbol.asyncIterator]();
  const line = async (): Promise<string | undefined> => (await lines.next()).value;
  return {
    line,
    headers: response.headers,
    async next(): Promise<readonly [string, unknown] | undefined> {
      for (let text = await line(); text !== undefined; text = await line()) {
        if (!text.startsWith('event: ')) continue;
        const data = (await line()) ?? '';
        if (text !== 'event: beat') return [text.slice(7), JSON.parse(data.slice('data: '.length))];
      }
      return undefined;
    },
  };
}

describe('/api/events', () => {
  it('sends the current state first, then every change', async () => {
    const { url, setState, tell, world } = await serve();
    const early = await look(url);
    expect(early.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(early.headers['cache-control']).toBe('no-store');
    expect(await early.next()).toEqual(['run', runState]);
    world.summary = summary;
    tell({ type: 'summary' });
    expect(await early.next()).toEqual(['summary', summary]);
    tell({ type: 'tick', tick: tick(7) });
    expect(await early.next()).toEqual(['tick', tick(7)]);

    const late = await look(url);
    expect(await late.next()).toEqual(['run', runState]);
    expect(await late.next()).toEqual(['summary', summary]);
    setState({ ...runState, phase: 'reporting', outcome });
    for (const viewer of [early, late]) {
      expect(await viewer.next()).toEqual(['run', { ...runState, phase: 'reporting', outcome }]);
    }
  });

  it('sends changes of the state that follow each other at once as one', async () => {
    const { url, setState } = await serve({ gatherMs: 20 });
    const viewer = await look(url);
    await viewer.next();
    for (const phase of ['fetching', 'unpacking', 'preparing'] as const)
      setState({ ...runState, phase });
    expect(await viewer.next()).toEqual(['run', { ...runState, phase: 'preparing' }]);
    setState({ ...runState, phase: 'preparing' });
    setState({ ...runState, phase: 'running' });
    expect(await viewer.next()).toEqual(['run', runState]);
  });

  it('sends a change before the results that follow it, and the last before it ends', async () => {
    const { url, server, setState, tell } = await serve({ gatherMs: 3_600_000 });
    const viewer = await look(url);
    await viewer.next();
    setState({ ...runState, phase: 'preparing' });
    tell({ type: 'tick', tick: tick(1) });
    tell({ type: 'tick', tick: tick(2) });
    setState({ ...runState, phase: 'reporting', outcome });
    await server.close();
    expect(await viewer.next()).toEqual(['run', { ...runState, phase: 'preparing' }]);
    expect(await viewer.next()).toEqual(['tick', tick(1)]);
    expect(await viewer.next()).toEqual(['tick', tick(2)]);
    expect(await viewer.next()).toEqual(['run', { ...runState, phase: 'reporting', outcome }]);
    expect(await viewer.next()).toBeUndefined();
  });

  it('gives every viewer the last state, though one comes while a change waits', async () => {
    const last: RunState = { ...runState, stopAskedAt: '2026-11-22T22:11:00.000Z' };
    const { url, setState } = await serve({ gatherMs: 200 });
    const early = await look(url);
    await early.next();
    setState(last);
    expect(await early.next()).toEqual(['run', last]);
    setState({ ...runState, phase: 'preparing' });
    const late = await look(url);
    expect(await late.next()).toEqual(['run', { ...runState, phase: 'preparing' }]);
    setState(last);
    for (const viewer of [early, late]) {
      let told = await viewer.next();
      while (told !== undefined && !isDeepStrictEqual(told[1], last)) told = await viewer.next();
      expect(told).toEqual(['run', last]);
    }
  });

  it('gives a latecomer a summary as new as the last tick', async () => {
    const { url, tell, world } = await serve();
    world.summary = summary;
    await (await look(url)).next();
    world.summary = { ...summary, final: true };
    tell({ type: 'tick', tick: tick(1) });
    const late = await look(url);
    await late.next();
    expect(await late.next()).toEqual(['summary', { ...summary, final: true }]);
  });

  it('creates a message once for all viewers, and none if there are no viewers', async () => {
    const { url, tell } = await serve();
    let made = 0;
    const message: MeasurementsTick = {
      ...tick(1),
      get unreadable() {
        made += 1;
        return [];
      },
    };
    tell({ type: 'tick', tick: message });
    expect(made).toBe(0);
    const viewers = await Promise.all([look(url), look(url), look(url)]);
    for (const viewer of viewers) await viewer.next();
    tell({ type: 'tick', tick: message });
    for (const viewer of viewers) expect(await viewer.next()).toMatchObject(['tick', {}]);
    expect(made).toBe(1);
  });

  it('sends a heartbeat while nothing happens', async () => {
    const { url } = await serve({ heartbeatMs: 20 });
    const viewer = await look(url);
    await viewer.next();
    await viewer.line();
    expect([await viewer.line(), await viewer.line()]).toEqual(['event: beat', 'data: {}']);
  });

  it('tells the 65th viewer to come back later, and lets the next one in when one has gone', async () => {
    const { url } = await serve();
    const viewers = await Promise.all(Array.from({ length: 64 }, () => open(url)));
    const refused = await open(url);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30']);
    viewers[0]?.destroy();
    await expect.poll(async () => (await open(url)).statusCode).toBe(200);
  });

  it('disconnects only the viewer that reads too slowly', async () => {
    const { url, tell, server } = await serve({ maxWaitingBytes: 64 * 1024 });
    const good = await look(url);
    await good.next();
    const slow = await open(url);
    slow.pause();
    const connections = async () => promisify(server.server.getConnections.bind(server.server))();
    expect(await connections()).toBe(2);
    let told = 0;
    const names = Array.from({ length: 2_000 }, (_, i) => ({
      name: `name ${i} ${'x'.repeat(100)}`,
      kind: 'request' as const,
      count: 1,
      failed: 0,
      perSecond: 1,
      statuses: {},
      bytes: 0,
    }));
    while ((await connections()) === 2 && told < 200) {
      tell({ type: 'tick', tick: { ...tick(told), names } });
      told += 1;
      expect(await good.next()).toMatchObject(['tick', { totals: { requests: told - 1 } }]);
    }
    expect(await connections()).toBe(1);
  });

  it('ends when the server does', async () => {
    const { url, server } = await serve();
    const viewer = await look(url);
    await viewer.next();
    await server.close();
    expect(await viewer.next()).toBeUndefined();
  });
});
