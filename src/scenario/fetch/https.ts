/** Opens an https URL, following redirects, without ever sending credentials. */

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { OnagerError } from '../../errors.ts';
import { redactUrl } from '../../redact.ts';
import { networkFailure, type OpenedDownload, statusFailure } from './faults.ts';

type HttpsOptions = Readonly<{ idleMs: number; httpOnLoopback: boolean; ca?: string }>;

const maxRedirects = 5;
const redirects = [301, 302, 303, 307, 308];
const loopback = ['127.0.0.1', '[::1]', 'localhost'];

export async function openHttps(
  start: URL,
  options: HttpsOptions,
  signal: AbortSignal,
): Promise<OpenedDownload> {
  let url = start;
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    checkProtocol(url, options);
    const answer = await ask(url, options, signal);
    const { statusCode: status = 0, headers } = answer;
    if (status === 200) {
      const totalBytes = Number.parseInt(headers['content-length'] ?? '', 10);
      return { body: answer, ...(Number.isNaN(totalBytes) ? {} : { totalBytes }) };
    }
    answer.destroy();
    if (!redirects.includes(status)) throw statusFailure(status, redactUrl(url.href));
    url = redirectTarget(url, headers.location);
  }
  throw badRedirect(start, `it redirects more than ${maxRedirects} times`);
}

function ask(
  url: URL,
  { idleMs, ca }: HttpsOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      signal,
      agent: false,
      timeout: idleMs,
      headers: { 'user-agent': 'onager', accept: '*/*', 'accept-encoding': 'identity' },
    } as const;
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, ca === undefined ? options : { ...options, ca })
        : httpRequest(url, options);
    request.on('timeout', () => request.destroy(new Error(`no data for ${idleMs} ms`)));
    request.on('error', (error) => reject(networkFailure(error, url.host)));
    request.on('response', resolve);
    request.end();
  });
}

function checkProtocol(url: URL, { httpOnLoopback }: HttpsOptions): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && httpOnLoopback && loopback.includes(url.hostname)) return;
  throw badRedirect(url, 'it is not https');
}

function redirectTarget(from: URL, location: string | undefined): URL {
  const url = location === undefined ? null : URL.parse(location, from.href);
  if (url === null) throw badRedirect(from, 'it redirects to nowhere');
  if (url.username !== '' || url.password !== '') {
    throw badRedirect(from, 'it redirects to an address with a password');
  }
  return url;
}

function badRedirect(url: URL, why: string): OnagerError {
  const message = `the scenario cannot come from ${redactUrl(url.href)}: ${why}`;
  const hint = 'give the address of the file itself, starting with https://';
  return new OnagerError('SCENARIO_REDIRECT', message, { hint });
}
