/** What a rehearsal asks its agent, while the agent is slow or missing for a moment. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createRunApi } from '../../../src/rehearsal/agent-client.ts';
import { firstState } from '../../unit/lifetime/setup.ts';
import { summaryOf } from '../../unit/report/fixture.ts';

const summary = JSON.parse(JSON.stringify(summaryOf()));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function apiOf(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return createRunApi({ port: async () => (server.address() as AddressInfo).port, key: 'key' });
}

describe('the last summary', () => {
  it('is requested until the agent has answered, because it holds the exit code', async () => {
    let asked = 0;
    const api = await apiOf((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else if (asked === 2) response.writeHead(503).end();
      else response.end(JSON.stringify(summary));
    });
    expect(await api.lastSummary(new AbortController().signal)).toEqual(summary);
    expect(asked).toBe(3);
  });

  it('is none where the agent says so', async () => {
    const api = await apiOf((_, response) => response.writeHead(404).end());
    expect(await api.lastSummary(new AbortController().signal)).toBeUndefined();
  });
});

describe('the answer to a question', () => {
  it('is the state of the run', async () => {
    const api = await apiOf((_, response) => response.end(JSON.stringify(firstState)));
    expect(await api.run()).toEqual(firstState);
  });

  it.each([
    ['torn', JSON.stringify(summary).slice(0, -20)],
    ['of another program', '{"schema":"x","phase":"running"}'],
    ['of a version without a field', JSON.stringify({ ...summary, totals: undefined })],
    ['a page', '<!doctype html>'],
  ])('is refused where it is %s, and not asked for again', async (_, text) => {
    const api = await apiOf((_, response) => response.end(text));
    const { signal } = new AbortController();
    for (const answer of [api.run(), api.summary(), api.lastSummary(signal)])
      await expect(answer).rejects.toMatchObject({ code: 'AGENT_INVALID' });
  });
});

describe('the wish to end the load', () => {
  it.each([
    [202, true],
    [409, true],
    [503, false],
  ])('is answered once the agent says that it ends or has ended: %i', async (status, answered) => {
    const api = await apiOf((_, response) => response.writeHead(status).end());
    expect(await api.stop(new AbortController().signal)).toBe(answered);
  });
});

describe('a question', () => {
  it('ends when the caller aborts, even if the agent is frozen', async () => {
    const leaving = new AbortController();
    const api = await apiOf(() => leaving.abort());
    expect(await api.run(leaving.signal)).toBeUndefined();
  });
});
