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
    counted(): Promise<Counted>;
  }>;

/** `ms`: from the first answer to the last. */
type Counted = Readonly<{ total: number; perSecond: readonly number[]; ms: number }>;

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');

export async function startCounter(): Promise<Counter> {
  const child = fork(import.meta.filename, ['serve']);
  const [port] = await once(child, 'message');
  return {
    port,
    reset: async () => void (await ask(child, 'reset')),
    counted: async () => (await ask(child, 'tell')) as Counted,
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
  let [firstMs, lastMs] = [0, 0];
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    // Tsung asks for the next only once it has the answer, and its requests are short.
    socket.on('data', () => {
      lastMs = Date.now();
      if (firstMs === 0) firstMs = lastMs;
      const second = Math.floor(lastMs / 1_000);
      counts[second] = (counts[second] ?? 0) + 1;
      socket.write(answer);
    });
  });
  process.on('message', (what) => {
    const perSecond = Object.values(counts);
    const total = perSecond.reduce((sum, count) => sum + count, 0);
    process.send?.({ total, perSecond, ms: lastMs - firstMs } satisfies Counted);
    if (what !== 'reset') return;
    counts = {};
    firstMs = 0;
  });
  server.listen(0, '127.0.0.1', () => process.send?.(portOf(server.address())));
}
