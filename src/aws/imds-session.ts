/** The IMDSv2 session: which endpoint answers, and the token it gave. */

import { OnagerError } from '../errors.ts';
import { orAborted, wait } from '../retry.ts';
import { ask, type HttpAnswer } from './http.ts';
import { TemporaryError } from './imds-retry.ts';

type Session = Readonly<{ baseUrl: string; token: string; renewAtMs: number }>;

type SessionOptions = Readonly<{
  baseUrls: readonly string[];
  requestTimeoutMs: number;
  /** Head start of each endpoint over the next while it is not known which of them answers. */
  staggerMs: number;
  /** Minimum time between two answered token requests. */
  tokenIntervalMs: number;
  nowMs(): number;
}>;

type Sessions = Readonly<{
  current(signal: AbortSignal): Promise<Session>;
  /** Forgets the token, which was rejected. */
  drop(session: Session): void;
  /** Forgets the token and the endpoint, which failed. */
  lose(session: Session): void;
}>;

const tokenTtlSeconds = 21_600;

export function createSessions(options: SessionOptions): Sessions {
  const { baseUrls, requestTimeoutMs, staggerMs, tokenIntervalMs, nowMs } = options;
  let candidates = baseUrls;
  let session: Session | undefined;
  let opening: Promise<Session> | undefined;
  let nextTokenMs = Number.NEGATIVE_INFINITY;

  async function open(signal: AbortSignal): Promise<Session> {
    const delayMs = nextTokenMs - nowMs();
    if (delayMs > 0) await wait(delayMs, signal);
    const { baseUrl, answer } = await race(signal);
    nextTokenMs = nowMs() + tokenIntervalMs;
    candidates = [baseUrl];
    const token = tokenOf(answer, baseUrl);
    return { baseUrl, token, renewAtMs: nowMs() + tokenTtlSeconds * 1_000 * 0.8 };
  }

  async function race(signal: AbortSignal): Promise<{ baseUrl: string; answer: HttpAnswer }> {
    const over = new AbortController();
    const raceSignal = AbortSignal.any([signal, over.signal]);
    const question = {
      method: 'PUT',
      headers: {
        'x-aws-ec2-metadata-token-ttl-seconds': String(tokenTtlSeconds),
        'content-length': '0',
      },
      timeoutMs: requestTimeoutMs,
      maxBytes: 4_096,
    } as const;
    const runners = candidates.map(async (baseUrl, place) => {
      if (place > 0) await wait(place * staggerMs, raceSignal);
      return { baseUrl, answer: await ask(`${baseUrl}/latest/api/token`, question, raceSignal) };
    });
    try {
      return await Promise.any(runners);
    } catch (error) {
      candidates = baseUrls;
      throw error;
    } finally {
      over.abort();
    }
  }

  return {
    async current(signal) {
      if (session !== undefined && nowMs() < session.renewAtMs) return session;
      // All callers that wait share one request. It ends with the signal of the first; the others
      // then ask again.
      opening ??= open(signal).finally(() => {
        opening = undefined;
      });
      session = await orAborted(opening, signal);
      return session;
    },
    drop(refused) {
      if (session === refused) session = undefined;
    },
    lose(failed) {
      if (session !== failed) return;
      session = undefined;
      candidates = baseUrls;
    },
  };
}

/** The error that an unsuccessful answer means. */
export function refusal(answer: HttpAnswer, what: string): Error {
  const { status, headers } = answer;
  if (status === 403) {
    return new OnagerError('IMDS_DISABLED', 'the instance metadata service answers 403', {
      hint: 'turn it on: aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id …',
    });
  }
  if (status === 401 || status === 408 || status === 429 || status >= 500) {
    return new TemporaryError(`it answers ${status}`, retryAfterMs(headers['retry-after']));
  }
  return new OnagerError('IMDS_INVALID', `the metadata service answers ${status} to ${what}`, {
    hint: 'is this an EC2 instance, and is AWS_EC2_METADATA_SERVICE_ENDPOINT an IMDSv2 service?',
  });
}

function tokenOf(answer: HttpAnswer, baseUrl: string): string {
  if (answer.status !== 200) throw refusal(answer, `PUT ${baseUrl}/latest/api/token`);
  const token = answer.body.toString('latin1').trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TemporaryError('it returned something that is not a token');
  return token;
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs(value: string | undefined): number {
  if (value === undefined) return 0;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : 0;
}
