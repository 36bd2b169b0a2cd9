/**
 * A proxy in front of a real S3 server. It checks each signature, keeps a journal, and disturbs
 * requests as told.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { signatureProblem } from './s3-signature.ts';

/**
 * What happens to a request instead of being passed on. `lost-answer`: it is passed on, but then
 * the connection ends. `late`: it is passed on when released.
 */
export type Toxic =
  | Readonly<{ kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }>
  | Readonly<{ kind: 'reset' | 'hang' | 'half-answer' | 'late' | 'lost-answer' }>;

export type Seen = Readonly<{
  method: string;
  /** Without the bucket. */
  key: string;
  headers: IncomingMessage['headers'];
  sha256: string;
  signatureProblem: string | undefined;
}>;

export type ToxicProxy = Readonly<{
  endpoint: string;
  journal: readonly Seen[];
  /** Passes on every late request; gives the statuses of the store's answers. */
  release(): Promise<readonly number[]>;
  close(): Promise<void>;
}>;

export async function startToxicProxy({
  target,
  secretAccessKey,
  toxic = () => undefined,
}: Readonly<{
  /** The server's endpoint at the time of a request. */
  target(): string;
  secretAccessKey: string;
  toxic?: (seen: Seen, index: number) => Toxic | undefined;
}>): Promise<ToxicProxy> {
  const journal: Seen[] = [];
  const late: Passed[] = [];

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = Buffer.concat(await incoming.toArray());
    const { method = '', url = '/', headers } = incoming;
    const seen: Seen = {
      method,
      key: decodeURIComponent(new URL(url, 'http://x').pathname.split('/').slice(2).join('/')),
      headers,
      sha256: createHash('sha256').update(body).digest('hex'),
      signatureProblem: signatureProblem({ method, url, headers, body }, secretAccessKey),
    };
    journal.push(seen);
    const what = toxic(seen, journal.length - 1);
    if (what === undefined || what.kind === 'lost-answer') {
      await pass({ to: target(), method, url, headers, body }, answer, what === undefined);
      return;
    }
    if (what.kind === 'late') late.push({ to: target(), method, url, headers, body });
    else poison(what, answer);
  }

  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    journal,
    async release() {
      const statuses: number[] = [];
      for (const passed of late.splice(0)) statuses.push((await sentOn(passed)).status);
      return statuses;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
}

function poison(toxic: Toxic, answer: ServerResponse): void {
  switch (toxic.kind) {
    case 'answer':
      answer.writeHead(toxic.status, { 'content-type': 'application/xml', ...toxic.headers });
      answer.end(toxic.body);
      return;
    case 'half-answer':
      answer.writeHead(500, { 'content-type': 'application/xml', 'content-length': 500 });
      answer.write('<?xml version="1.0"?><Error><Code>Interna', () => answer.destroy());
      return;
    case 'hang':
    case 'late':
      return;
    case 'reset':
    case 'lost-answer':
      answer.socket?.resetAndDestroy();
      return;
    default:
      toxic satisfies never;
  }
}

type Passed = Readonly<{
  to: string;
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}>;

type Answered = Readonly<{ status: number; headers: IncomingMessage['headers']; content: Buffer }>;

async function sentOn(passed: Passed): Promise<Answered> {
  const { to, method, url, headers, body } = passed;
  const { expect: _, ...rest } = headers;
  const onward = request(new URL(url, to), { method, headers: rest, agent: false });
  onward.end(body);
  const [incoming]: IncomingMessage[] = await once(onward, 'response');
  if (incoming === undefined) throw new Error('no answer');
  const content = Buffer.concat(await incoming.toArray());
  return { status: incoming.statusCode ?? 502, headers: incoming.headers, content };
}

async function pass(passed: Passed, answer: ServerResponse, isAnswered: boolean): Promise<void> {
  const { status, headers, content } = await sentOn(passed);
  if (!isAnswered) {
    answer.socket?.resetAndDestroy();
    return;
  }
  answer.writeHead(status, headers);
  answer.end(passed.method === 'HEAD' ? undefined : content);
}
