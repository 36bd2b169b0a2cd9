/** What a rehearsal asks its agent, while the agent is slow or missing for a moment. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createRunApi } from '../../../src/rehearsal/agent-client.ts';

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
  it('is asked for until the agent has answered: the exit code is in it', async () => {
    let asked = 0;
    const api = await apiOf((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else if (asked === 2) response.writeHead(503).end();
      else response.end('{"schema":"x"}');
    });
    expect(await api.lastSummary(new AbortController().signal)).toEqual({ schema: 'x' });
    expect(asked).toBe(3);
  });

  it('is none where the agent says so', async () => {
    const api = await apiOf((_, response) => response.writeHead(404).end());
    expect(await api.lastSummary(new AbortController().signal)).toBeUndefined();
  });
});

describe('a question', () => {
  it('ends with the signal of whoever leaves, though the agent is frozen', async () => {
    const leaving = new AbortController();
    const api = await apiOf(() => leaving.abort());
    expect(await api.run(leaving.signal)).toBeUndefined();
  });
});
