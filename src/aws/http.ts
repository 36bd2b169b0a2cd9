/** One HTTP request: returns the whole answer within a time and a size limit, or says why not. */

import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type HttpAnswer = Readonly<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>;

type HttpQuestion = Readonly<{
  method: 'GET' | 'PUT' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
  maxBytes: number;
}>;

/**
 * Rejects if there is no complete answer: refused, reset, cut off, too slow, too long. Any status
 * is an answer.
 */
export async function ask(
  url: string,
  question: HttpQuestion,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { method, headers, body, timeoutMs, maxBytes } = question;
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    // A connection of its own (`agent: false`): nothing is kept that could keep the process alive.
    const options = { method, headers, agent: false, signal: AbortSignal.any([signal, deadline]) };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, options, resolve).on('error', reject).end(body);
    });
    const { statusCode: status = 0, headers: answered } = response;
    return { status, headers: answered, body: await wholeBody(response, maxBytes) };
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw new Error(`no whole answer within ${timeoutMs} ms`);
    throw error;
  }
}

/** What went wrong, for people to read. */
export function inWords(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(inWords).join('; ');
  if (!(error instanceof Error)) return String(error);
  if (error.message === 'aborted') return 'the answer was cut off';
  return error.message;
}

async function wholeBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    // Leaving the loop early destroys the response, and with it the connection.
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (!response.complete) throw new Error('the answer was cut off');
  return Buffer.concat(chunks);
}
