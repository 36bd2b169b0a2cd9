/** Turns a block of tsung.log into an interval. */

import type { Interval, SampleKind } from '../../samples.ts';
import { errorInWords } from './error-words.ts';
import { printable } from './printable.ts';

const notCauses = new Set(['error_abort', 'error_abort_max_conn_retries', 'error_unknown']);

export function toBlock(
  lines: readonly (readonly string[])[],
  endMs: number,
  stepMs: number,
  withTimings: boolean,
): Interval {
  const sampled = lines.filter(({ length }) => length === 8).map(toSampled);
  // Sessions have no samples, and `{cpu,"node@host"}` is the machine.
  const own = sampled.filter(({ name }) => name !== 'session' && !name.startsWith('{'));
  const counted = lines.filter(({ length }) => length === 3);
  const counters = new Map<string, Readonly<{ value: number; total: number }>>();
  for (const [name = '', value, total] of counted) {
    // Several processes write a block. At the end some are late, and a counter comes twice after
    // the head of the last block.
    const before = name === 'users' ? 0 : (counters.get(name)?.value ?? 0);
    counters.set(name, { value: before + Number(value), total: Number(total) });
  }
  const increment = (name: string): number => Math.max(counters.get(name)?.value ?? 0, 0);
  const grown = (isWanted: (name: string) => boolean): Record<string, number> =>
    Object.fromEntries(
      [...counters]
        .filter(([name, { value }]) => value > 0 && isWanted(name))
        .map(([name, { value }]) => [errorInWords(name), value]),
    );
  const connected = counters.get('connected')?.total;
  const usersPeak = counters.get('users')?.total;
  return {
    type: 'interval',
    endMs,
    stepMs,
    ...(counters.has('users') ? { users: increment('users') } : {}),
    ...(usersPeak === undefined ? {} : { usersPeak: Math.max(usersPeak, 0) }),
    ...(connected === undefined ? {} : { connected: Math.max(connected, 0) }),
    usersStarted: increment('users_count'),
    usersFinished: increment('finish_users_count'),
    requests: own.reduce((sum, { name, count }) => (name === 'request' ? sum + count : sum), 0),
    bytesReceived: increment('size_rcv'),
    bytesSent: increment('size_sent'),
    ...(counters.has('request_noack') ? { oneWay: increment('request_noack') } : {}),
    statuses: grown((name) => /^\d{3}$/.test(name)),
    errors: grown(isError),
    timings: withTimings
      ? own
          .filter(({ count }) => count > 0)
          .map(({ name, count, meanUs }) => ({ ...timed(name), count, meanUs }))
      : [],
  };
}

function toSampled(fields: readonly string[]): Readonly<{
  name: string;
  count: number;
  meanUs: number;
}> {
  const [name = '', count, mean] = fields;
  return {
    name: printable(Buffer.from(name, 'latin1')),
    count: Number(count),
    meanUs: Math.round(Number(mean) * 1000),
  };
}

/** What a sampled name of Tsung's means: transactions have the prefix `tr_`. */
export function timed(name: string): Readonly<{ kind: SampleKind; name: string }> {
  if (name === 'request' || name === 'page' || name === 'connect') return { kind: name, name };
  return { kind: 'transaction', name: name.startsWith('tr_') ? name.slice('tr_'.length) : name };
}

/**
 * Errors that are not requests. By experiment: a refused connection
 * (`error_connect_*`) and an answer that does not come in time (`error_timeout`) are none, and
 * when a connection closes as a request is sent on it (`error_connection_closed`), Tsung sends the
 * request again. A connection that closes before an answer has no counter, but is a request whose
 * error is `error_no_http_status`. `error_http_*` is of a request, too.
 *
 * Causes only: `error_abort` is the run's own end, and a user that gives up connecting
 * (`error_abort_max_conn_retries`) does so after failures that were each counted under their own
 * name. `error_abort_max_send_retries` is counted instead of the last failure. A user that crashed
 * (`error_unknown`) is counted under its reason: see erlang/onager_crashes.erl.
 */
function isError(name: string): boolean {
  return name.startsWith('error_') && !notCauses.has(name);
}
