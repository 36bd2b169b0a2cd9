/**
 * Reads `tsung.log`: a block an interval, each headed by `# stats: dump at <Unix time>`.
 *
 *     stats: <name> <count> <mean> <stddev> <max> <min> <mean of earlier intervals> <count of earlier intervals>
 *     stats: <name> <increment> <total>
 *     stats: users <now> <peak>
 *
 * The true total of a sampled name is its last two counts together: the last column leaves the block's own interval out.
 */

import type { Interval, SampleKind } from '../samples.ts';

const maxLineLength = 65_536;
const exampleLength = 200;

/** A name's cumulative count at the end of an interval. */
export type Mark = Readonly<{ name: string; endMs: number; total: number }>;

export type LogBlock = Readonly<{ interval: Interval; marks: readonly Mark[] }>;

export type LogParser = Readonly<{
  push(text: string): readonly LogBlock[];
  /** The last block has no successor that would show it to be whole. */
  end(): readonly LogBlock[];
  /** Whether Tsung wrote its closing line. */
  hasEnd(): boolean;
}>;

export function createLogParser({
  withTimings,
  onUnreadable,
}: Readonly<{ withTimings: boolean; onUnreadable: (example: string) => void }>): LogParser {
  let carry = '';
  let atMs: number | undefined;
  let previousMs: number | undefined;
  let lines: string[][] = [];
  let isEnded = false;

  function push(text: string): readonly LogBlock[] {
    const parts = (carry + text).split('\n');
    carry = parts.pop() ?? '';
    if (carry.length > maxLineLength) {
      onUnreadable(carry.slice(0, exampleLength));
      carry = '';
    }
    return parts.flatMap(readLine);
  }

  function end(): readonly LogBlock[] {
    const rest = carry;
    carry = '';
    // A line without its end may lack digits: only its being there is told.
    if (rest !== '') onUnreadable(rest.slice(0, exampleLength));
    return closeBlock();
  }

  function readLine(line: string): readonly LogBlock[] {
    if (line.startsWith('stats: ') && atMs !== undefined) {
      const fields = line.slice('stats: '.length).trim().split(/ +/);
      const isKnown =
        (fields.length === 3 || fields.length === 8) &&
        fields.slice(1).every((field) => Number.isFinite(Number(field)));
      if (isKnown) lines.push(fields);
      else onUnreadable(line.slice(0, exampleLength));
      return [];
    }
    const header = /^# stats: dump at (\d{1,12})$/.exec(line);
    if (header !== null) {
      const closed = closeBlock();
      atMs = Number(header[1]) * 1000;
      return closed;
    }
    if (line.startsWith('EndMonitor:')) {
      isEnded = true;
      return closeBlock();
    }
    if (line !== '') onUnreadable(line.slice(0, exampleLength));
    return [];
  }

  function closeBlock(): readonly LogBlock[] {
    if (atMs === undefined) return [];
    const stepMs = previousMs === undefined ? 1000 : Math.max(atMs - previousMs, 1000);
    const block = toBlock(lines, atMs, stepMs, withTimings);
    previousMs = atMs;
    atMs = undefined;
    lines = [];
    return [block];
  }

  return { push, end, hasEnd: () => isEnded };
}

function toBlock(
  lines: readonly (readonly string[])[],
  endMs: number,
  stepMs: number,
  withTimings: boolean,
): LogBlock {
  const marks: Mark[] = [];
  const timings: Interval['timings'][number][] = [];
  const statuses: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const increments = new Map<string, number>();
  let gauges: Pick<Interval, 'users' | 'connected'> = {};

  for (const [name = '', first, second, , , , , earlier] of lines) {
    const [value, total] = [Number(first), Number(second)];
    if (earlier !== undefined) {
      if (name.startsWith('{')) continue;
      marks.push({ name, endMs, total: value + Number(earlier) });
      if (withTimings && value > 0 && name !== 'session') {
        timings.push({ ...timed(name), count: value, meanUs: Math.round(total * 1000) });
      }
    } else if (name === 'users') {
      gauges = { ...gauges, users: value };
    } else if (name === 'connected') {
      gauges = { ...gauges, connected: Math.max(total, 0) };
    } else if (/^\d{3}$/.test(name)) {
      if (value > 0) statuses[name] = value;
    } else if (isError(name)) {
      if (value > 0) errors[name] = value;
    } else {
      increments.set(name, value);
    }
  }
  const increment = (name: string): number => Math.max(increments.get(name) ?? 0, 0);
  const interval: Interval = {
    type: 'interval',
    endMs,
    stepMs,
    ...gauges,
    usersStarted: increment('users_count'),
    usersFinished: increment('finish_users_count'),
    bytesReceived: increment('size_rcv'),
    bytesSent: increment('size_sent'),
    statuses,
    errors,
    timings,
  };
  return { interval, marks };
}

/** What a sampled name of Tsung's is: the transaction of that name carries the prefix `tr_`. */
export function timed(name: string): Readonly<{ kind: SampleKind; name: string }> {
  if (name === 'request' || name === 'page' || name === 'connect') return { kind: name, name };
  return { kind: 'transaction', name: name.startsWith('tr_') ? name.slice('tr_'.length) : name };
}

/**
 * Errors that are no rows of the dump. By experiment, none of them is: a request whose connection is refused or times out, is
 * closed or reset before an answer leaves no row at all, and `error_http_*` has a row that does not name it
 * (ts_http_common.erl puts the error there for dumptraffic="protocol" only). `error_abort` is the run's own end.
 */
function isError(name: string): boolean {
  return name.startsWith('error_') && name !== 'error_abort';
}
