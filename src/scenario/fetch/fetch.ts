/** Fetches a scenario from S3 or over HTTPS; retries until it succeeds, is refused, or is late. */

import { rm } from 'node:fs/promises';
import { messageOf, OnagerError, problemsOf } from '../../errors.ts';
import { redactUrl } from '../../redact.ts';
import { backOff, wait } from '../../retry.ts';
import { isTransient, type OpenedDownload } from './faults.ts';
import { openHttps } from './https.ts';
import { draftOf, type Fetched, type ReceiveProgress, receive } from './receive.ts';
import { createS3Source, type S3Access } from './s3.ts';

/** `leftMs`: how long until it gives up, if no new data arrives. */
export type FetchProgress = ReceiveProgress & Readonly<{ leftMs: number }>;

export type FetchOptions = Readonly<{
  /** `s3://bucket/key` or an https URL. */
  from: string;
  sha256?: string;
  maxBytes?: number;
  /** The file to create, as a whole; an existing one is replaced. */
  to: string;
  /** When to give up, counted from the last new byte. */
  deadlineMs?: number;
  /** How long a connection may be silent. */
  idleMs?: number;
  /** The delay before the second attempt; doubled for each further one, up to half a minute. */
  firstRetryMs?: number;
  /** Additional certificate authorities to trust, besides the system's: PEM. */
  ca?: string;
  /** For tests and rehearsals: allows http:// for 127.0.0.1, [::1] and localhost. */
  httpOnLoopback?: boolean;
  onProgress?: (progress: FetchProgress) => void;
  signal: AbortSignal;
}> &
  S3Access;

export async function fetchScenario(options: FetchOptions): Promise<Fetched> {
  const { from, deadlineMs = 10 * 60_000, firstRetryMs = 500, signal } = options;
  using quiet = createQuiet(deadlineMs);
  const deadline = quiet.signal;
  const stop = AbortSignal.any([signal, deadline]);
  const onProgress = (progress: ReceiveProgress): void => {
    quiet.hear(progress.receivedBytes);
    options.onProgress?.({ ...progress, leftMs: quiet.leftMs() });
  };
  const source = sourceOf(options);
  const delays = backOff({ firstMs: firstRetryMs, capMs: 30_000 });
  let last: OnagerError | undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await receive(
          await source.open(stop),
          { ...options, onProgress, attempt, last },
          stop,
        );
      } catch (error) {
        signal.throwIfAborted();
        if (!isTransient(error)) throw error;
        // An attempt cut short by the deadline says less than the one before it.
        last = deadline.aborted && last !== undefined ? last : failedAttempt(from, error);
        onProgress({ attempt, receivedBytes: 0, ...lastProblemOf(last) });
      }
      await wait(delays.next().value, stop).catch(() => signal.throwIfAborted());
      if (deadline.aborted) throw tooLate(last, attempt, deadlineMs);
    }
  } finally {
    source.close();
    await rm(draftOf(options.to), { force: true });
  }
}

/**
 * Aborted when nothing new arrives for this long. Bytes that an earlier attempt received do not
 * count.
 */
function createQuiet(
  limitMs: number,
): Disposable & Readonly<{ signal: AbortSignal; hear(bytes: number): void; leftMs(): number }> {
  const late = new AbortController();
  const stepMs = Math.min(1_000, limitMs / 10);
  let [quietMs, most] = [0, 0];
  // Steps are counted, not the time of a clock: a machine that was suspended has not waited.
  const timer = setInterval(() => {
    quietMs += stepMs;
    if (quietMs >= limitMs) late.abort();
  }, stepMs);
  return {
    signal: late.signal,
    hear(bytes) {
      if (bytes > most) [quietMs, most] = [0, bytes];
    },
    leftMs: () => limitMs - quietMs,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function lastProblemOf(error: OnagerError): Pick<ReceiveProgress, 'lastProblem'> {
  const [lastProblem] = problemsOf(error);
  return lastProblem === undefined ? {} : { lastProblem };
}

type Source = Readonly<{ open(signal: AbortSignal): Promise<OpenedDownload>; close(): void }>;

function sourceOf(options: FetchOptions): Source {
  const { from, ca, idleMs = 30_000, httpOnLoopback = false } = options;
  const s3 = /^s3:\/\/([^/]+)\/(.+)$/is.exec(from);
  if (s3 !== null) {
    const [, bucket = '', key = ''] = s3;
    return createS3Source({ ...options, bucket, key, idleMs });
  }
  const url = URL.parse(from);
  if (url === null || !/^https?:\/\//i.test(from) || url.username !== '' || url.password !== '') {
    const hint = 'write s3://bucket/key or https://host/path, without a user and a password';
    const shown = redactUrl(from);
    throw new OnagerError('SCENARIO_FROM', `"${shown}" is not the address of a scenario`, { hint });
  }
  const https = { idleMs, httpOnLoopback, ...(ca === undefined ? {} : { ca }) };
  return { open: (signal) => openHttps(url, https, signal), close() {} };
}

function failedAttempt(from: string, error: unknown): OnagerError {
  if (error instanceof OnagerError) return error;
  const why = messageOf(error);
  const message = `the scenario could not be fetched from ${redactUrl(from)}: ${why}`;
  const hint =
    'check that the subnet has a route there: a public address, a NAT gateway, or an S3 endpoint';
  return new OnagerError('SCENARIO_UNREACHABLE', message, { hint, cause: error });
}

function tooLate(last: OnagerError, attempts: number, deadlineMs: number): OnagerError {
  const tried = `given up after ${attempts} attempts and ${Math.round(deadlineMs / 1_000)} s without new data`;
  return new OnagerError(last.code, `${last.message}; ${tried}`, { hint: last.hint, cause: last });
}
