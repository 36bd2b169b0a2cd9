/**
 * A target in a process of its own that answers as fast as Node.js can, and counts what it
 * answered in each second.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { portOf } from '../support/tsung-run.ts';

type Counter = AsyncDisposable &
  Readonly<{
    port: number;
    reset(): Promise<void>;
    perSecond(): Promise<readonly number[]>;
  }>;

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');

export async function startCounter(): Promise<Counter> {
  const child = fork(import.meta.filename, ['serve']);
  const [port] = await once(child, 'message');
  return {
    port,
    reset: async () => void (await ask(child, 'reset')),
    perSecond: async () => Object.values((await ask(child, 'tell')) as Record<string, number>),
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function ask(child: ChildProcess, what: string): Promise<unknown> {
  child.send(what);
  const [told] = await once(child, 'message');
  return told;
}

if (process.argv[2] === 'serve') {
  let counts: Record<number, number> = {};
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    // Tsung asks for the next only once it has the answer, and its requests are short.
    socket.on('data', () => {
      const second = Math.floor(Date.now() / 1_000);
      counts[second] = (counts[second] ?? 0) + 1;
      socket.write(answer);
    });
  });
  process.on('message', (what) => {
    process.send?.(counts);
    if (what === 'reset') counts = {};
  });
  server.listen(0, '127.0.0.1', () => process.send?.(portOf(server.address())));
}
