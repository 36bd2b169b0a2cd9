/** The examples that use part of an answer in the next request, fired for real. */
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Summary } from '../../../src/report/summary.ts';
import { beginRehearsalOf, finalSummary, isOver, until } from '../../support/rehearsal.ts';

const examples = join(import.meta.dirname, '../../../examples');

it('login: every token that was given is shown, and the report counts what the target served', async () => {
  const { summary, served } = await fire('login');
  expect(summary.totals.requests).toBe(served);
  expect(summary.totals.requests).toBe(3 * (summary.totals.usersStarted ?? 0));
  // The target answers 401 to a request without a token that it has issued.
  expect(summary.statuses).toEqual({ '200': served });
  expect(summary.errors).toEqual([]);
  expect(transactions(summary)).toEqual({
    login: summary.totals.usersStarted,
    orders: summary.totals.usersStarted,
  });
});

it('websocket: every message carries the name that the greeting gave, and is answered', async () => {
  await using chat = await startChat();
  const { summary } = await fire('websocket', {
    CHAT_HOST: '127.0.0.1',
    CHAT_PORT: String(chat.port),
  });
  const { usersStarted = 0 } = summary.totals;
  expect(chat.wrong).toEqual([]);
  expect(chat.users()).toBe(usersStarted);
  expect(summary.errors).toEqual([]);
  expect(transactions(summary)).toEqual({
    connect: usersStarted,
    hello: usersStarted,
    message: chat.messages(),
  });
  expect(chat.messages()).toBe(3 * usersStarted);
});

async function fire(
  example: string,
  vars: Readonly<Record<string, string>> = {},
): Promise<Readonly<{ summary: Summary; served: number }>> {
  await using rehearsed = await beginRehearsalOf(join(examples, example), vars);
  const run = await until(rehearsed, isOver);
  expect(run.problems).toEqual([]);
  expect(run.outcome).toEqual({ kind: 'complete' });
  const summary = await finalSummary(rehearsed);
  expect(summary.totals.usersStarted).toBeGreaterThan(10);
  return { summary, served: rehearsed.simulation.target.served() };
}

function transactions({ names }: Summary): Readonly<Record<string, number>> {
  const own = names.filter(({ kind }) => kind === 'transaction');
  return Object.fromEntries(own.map(({ name, count }) => [name, count]));
}

/** Gives each user a name, and answers a message that carries it. */
async function startChat() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/chat' });
  const users = new Set<string>();
  const wrong: string[] = [];
  let messages = 0;
  server.on('connection', (socket) => {
    const own = `user-${users.size + 1}`;
    users.add(own);
    socket.on('message', (data) => {
      const { type, user } = JSON.parse(String(data));
      if (type === 'hello') {
        socket.send(JSON.stringify({ user: own }));
        return;
      }
      messages += 1;
      if (user !== own) wrong.push(String(data));
      socket.send('{"ok":true}');
    });
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    wrong,
    users: () => users.size,
    messages: () => messages,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
