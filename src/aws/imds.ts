/**
 * The instance metadata service, version 2. It is asked until it answers, and a failure is never
 * mistaken for "there is none".
 */

import { OnagerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { ask, type HttpAnswer } from './http.ts';
import { type Identity, readIdentity } from './identity.ts';
import {
  type AwaitedMetadata,
  createPatience,
  type RetryPace,
  TemporaryError,
} from './imds-retry.ts';
import { createSessions, refusal } from './imds-session.ts';

export type ImdsOptions = Readonly<{
  baseUrls?: readonly string[];
  requestTimeoutMs?: number;
  /** Called after each attempt that failed. */
  onWaiting?(awaited: AwaitedMetadata): void;
  log: Log;
  /** Delays, for tests. */
  pace?: RetryPace & Readonly<{ staggerMs: number; tokenIntervalMs: number }>;
  nowMs?(): number;
}>;

/** Paths are those below `/latest/`. Undefined: the service says there is no such thing (404). */
export type Imds = Readonly<{
  get(path: string, signal: AbortSignal): Promise<Buffer | undefined>;
  text(path: string, signal: AbortSignal): Promise<string | undefined>;
  /** One attempt: rejects if there is no answer now, and does not report that it waits. */
  peek(path: string, signal: AbortSignal): Promise<string | undefined>;
  json(path: string, signal: AbortSignal): Promise<unknown>;
  userData(signal: AbortSignal): Promise<Buffer | undefined>;
  /** Empty if the instance has none, or was launched without `InstanceMetadataTags=enabled`. */
  tags(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  identity(signal: AbortSignal): Promise<Identity>;
}>;

const defaultPace = {
  firstMs: 200,
  capMs: 5_000,
  staggerMs: 150,
  tokenIntervalMs: 1_000,
  maxRetryAfterMs: 30_000,
};

/** Connections to the service at a time: it shares 1,024 packets a second with DNS and NTP. */
const maxParallel = 8;

export function createImds({
  baseUrls = ['http://169.254.169.254', 'http://[fd00:ec2::254]'],
  requestTimeoutMs = 11_000,
  onWaiting = () => {},
  log,
  pace = defaultPace,
  nowMs = () => performance.now(),
}: ImdsOptions): Imds {
  const endpoints = baseUrls.map(checkedEndpoint);
  const sessions = createSessions({ baseUrls: endpoints, requestTimeoutMs, nowMs, ...pace });

  async function attempt(path: string, signal: AbortSignal): Promise<HttpAnswer> {
    const session = await sessions.current(signal);
    const question = {
      method: 'GET',
      headers: { 'x-aws-ec2-metadata-token': session.token },
      timeoutMs: requestTimeoutMs,
      maxBytes: 1024 ** 2,
    } as const;
    try {
      const answer = await ask(`${session.baseUrl}/latest/${path}`, question, signal);
      if (answer.status === 401) sessions.drop(session);
      return answer;
    } catch (error) {
      if (!signal.aborted) sessions.lose(session);
      throw error;
    }
  }

  async function once(path: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const first = await attempt(path, signal);
    const answer = first.status === 401 ? await attempt(path, signal) : first;
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refusal(answer, `/latest/${path}`);
    return answer.body;
  }

  const persist = createPatience({ pace, onWaiting, log });

  const get: Imds['get'] = (path, signal) => persist(path, () => once(path, signal), signal);

  const text: Imds['text'] = async (path, signal) => (await get(path, signal))?.toString('utf8');

  const json: Imds['json'] = (path, signal) =>
    persist(path, async () => parsed(await once(path, signal)), signal);

  async function tag(key: string, signal: AbortSignal): Promise<readonly [string, string][]> {
    const value = await text(`meta-data/tags/instance/${tagPath(key)}`, signal);
    return value === undefined ? [] : [[key, value]];
  }

  return {
    get,
    text,
    peek: async (path, signal) => (await once(path, signal))?.toString('utf8'),
    json,
    userData: (signal) =>
      persist(
        'user-data',
        async () => {
          const bytes = await once('user-data', signal);
          // EC2 answers 404 if there is no user-data: an empty body is a transmission error.
          if (bytes?.length === 0) throw new TemporaryError('it returned empty user-data');
          return bytes;
        },
        signal,
      ),
    async tags(signal) {
      const list = (await text('meta-data/tags/instance/', signal)) ?? '';
      const keys = list.split('\n').filter((key) => key !== '');
      const found: (readonly [string, string])[] = [];
      for (let from = 0; from < keys.length; from += maxParallel) {
        const some = keys.slice(from, from + maxParallel).map((key) => tag(key, signal));
        found.push(...(await Promise.all(some)).flat());
      }
      return Object.fromEntries(found);
    },
    identity: (signal) => readIdentity({ text, json }, signal),
  };
}

function parsed(body: Buffer | undefined): unknown {
  try {
    return body && JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's own message would quote the text, which may be a secret.
    throw new TemporaryError('it returned invalid JSON');
  }
}

/** The service's keys are legal in a path as they are. */
function tagPath(key: string): string {
  return encodeURIComponent(key).replaceAll(/%(2B|3D|2C|3A|40)/g, decodeURIComponent);
}

function checkedEndpoint(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url?.protocol !== 'http:') {
    throw new OnagerError('USAGE', `"${baseUrl}" is not an endpoint of a metadata service`, {
      hint: 'AWS_EC2_METADATA_SERVICE_ENDPOINT is an http:// address such as http://169.254.169.254',
    });
  }
  return url.href.endsWith('/') ? url.href.slice(0, -1) : url.href;
}
