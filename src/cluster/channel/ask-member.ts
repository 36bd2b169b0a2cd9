/** Asks another member of the cluster. */

import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ChannelKey, tlsOptions } from './channel-key.ts';

type Question = Readonly<{
  method?: 'GET' | 'POST';
  path: string;
  body?: unknown;
  /** How long it may say nothing. */
  silentMs?: number;
  maxBytes?: number;
}>;

type Answer = Readonly<{ status: number; bytes: Buffer }>;

export type AskMember = Readonly<{
  ask(
    to: Readonly<{ address: string; port: number }>,
    question: Question,
    signal: AbortSignal,
  ): Promise<Answer>;
  [Symbol.dispose](): void;
}>;

/** Connections are kept. Of several keys each needs an asker of its own: they share nothing. */
export function createAskMember({ name, key }: ChannelKey): AskMember {
  const agent = new Agent({
    ...tlsOptions,
    keepAlive: true,
    maxSockets: 2,
    // A session that is taken up again does not show by which key it was begun.
    maxCachedSessions: 0,
    // Given once: a function of each request's own would make each a connection of its own.
    pskCallback: () => ({ psk: key, identity: name }),
    // There is no certificate: who has the key is a member.
    checkServerIdentity: () => undefined,
  });
  return {
    async ask({ address, port }, { method = 'GET', path, body, ...limits }, signal) {
      const { silentMs = 10_000, maxBytes = 2 * 1024 ** 2 } = limits;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const asking = request({
        agent,
        host: address,
        port,
        method,
        path,
        signal,
        timeout: silentMs,
        headers: text === undefined ? {} : { 'content-type': 'application/json' },
      });
      asking.on('timeout', () => asking.destroy(new Error(`no answer in ${silentMs} ms`)));
      asking.end(text);
      const [response] = await once(asking, 'response');
      return { status: response.statusCode ?? 0, bytes: await bounded(response, maxBytes) };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

async function bounded(stream: Readable, maxBytes: number): Promise<Buffer> {
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) stream.destroy(new Error(`more than ${maxBytes} bytes`));
  });
  return await buffer(stream);
}
