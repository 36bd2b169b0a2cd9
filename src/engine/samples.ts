/**
 * The data read from an engine's output: samples in columns, totals of a second, and counts per
 * interval.
 */

/** If there are too many names, the rest are counted together under this one. */
export const otherName = '(other)';

/**
 * What was timed. `connect`: the opening of a connection. `page`: a group of requests without think
 * time between them.
 */
export type SampleKind = 'request' | 'transaction' | 'page' | 'connect';

/**
 * Many samples, a column each; only the first `count` elements count. The arrays may be reused once
 * the next batch is asked for.
 *
 * `name`: index into `names`. The table only grows while a reader lives, so an index keeps its
 * meaning.
 * `endMs`: end of the request, Unix time in milliseconds with a fraction; NaN where only the order
 * is known.
 * `durationUs`: microseconds. `ok`: 1 or 0. `status`: protocol status code, 0 for none.
 * `error`: index into `errors`, 0 for none (entry 0 is the empty string).
 * `bytes`: of the response; NaN where that is not known.
 */
export type Samples = Readonly<{
  type: 'samples';
  kind: SampleKind;
  count: number;
  names: readonly string[];
  errors: readonly string[];
  name: Uint32Array;
  endMs: Float64Array;
  durationUs: Float64Array;
  ok: Uint8Array;
  status: Uint16Array;
  error: Uint16Array;
  bytes: Float64Array;
}>;

/**
 * What the engine counted in one interval that ended at `endMs` (Unix time, ms) and took `stepMs`.
 *
 * Gauges: `users` now running, `usersPeak` the most so far, `connected` connections now open. The
 * others are increments in this interval; those that the engine does not count are absent in all
 * of its intervals.
 * `requests`: answered, by the engine's own count. `statuses`, `errors`: by status code and by kind
 * of error. `timings`: the engine's own count and mean per name.
 */
export type Interval = Readonly<{
  type: 'interval';
  endMs: number;
  stepMs: number;
  users?: number;
  usersPeak?: number;
  connected?: number;
  usersStarted?: number;
  usersFinished?: number;
  requests?: number;
  bytesReceived?: number;
  bytesSent?: number;
  /** Requests that were sent and do not ask for an answer: they are not samples. */
  oneWay?: number;
  statuses: Readonly<Record<string, number>>;
  errors: Readonly<Record<string, number>>;
  timings: readonly Readonly<{
    kind: SampleKind;
    name: string;
    count: number;
    meanUs: number;
    minUs?: number;
    maxUs?: number;
  }>[];
}>;

/** Rows or lines that could not be understood: counted, so that a report can say so. */
export type Unreadable = Readonly<{
  type: 'unreadable';
  file: string;
  count: number;
  example: string;
}>;

/**
 * What was measured in one second, by name and outcome, with all that a histogram keeps.
 *
 * `error`: empty for none; of a transaction, why it failed. `firstMs`, `lastMs`: when the first of
 * them began and the last ended. `buckets`: pairs of a bucket, as `Histogram` numbers them, and its
 * count, ascending.
 */
export type SecondTotals = Readonly<{
  type: 'totals';
  startMs: number;
  totals: readonly Total[];
  /** The first few of each kind, as they came; `status` 0 and an empty `error` are none. */
  errors: readonly ErrorSeen[];
  /** Requests that had no answer yet when the load ended. Absent if there were none. */
  inFlight?: number;
  /** Absent where the engine does not measure it. */
  delay?: SecondDelay;
}>;

/**
 * The generator's own delay in one second: by how much each of the timers came late that a process
 * of the engine asks for, in the queue in which its users wait, too. `looks`: how often the run
 * queue was looked at; `queueSum`, `queueMax`: how many processes waited in it.
 */
export type SecondDelay = Readonly<{
  count: number;
  sumUs: number;
  minUs: number;
  maxUs: number;
  buckets: Uint32Array;
  looks: number;
  queueSum: number;
  queueMax: number;
}>;

/** `name`: of the request that the user was about; empty before its first. */
export type ErrorSeen = Readonly<{ atMs: number; name: string; status: number; error: string }>;

export type Total = Readonly<{
  kind: SampleKind;
  name: string;
  status: number;
  error: string;
  count: number;
  sumUs: number;
  minUs: number;
  maxUs: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  buckets: Uint32Array;
}>;

export type SampleBatch = Samples | Interval | SecondTotals | Unreadable;
