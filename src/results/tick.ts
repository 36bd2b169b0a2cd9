/** Applies one second's change to the measurements; runs in the agent and in the browser. Pure. */

import type { Measurements, MeasurementsTick, NameStats, Series } from './measurements.ts';

/**
 * A tick that does not continue the known series (because an earlier one was missed) leaves it
 * unchanged.
 */
export function applyTick(known: Measurements, tick: MeasurementsTick): Measurements {
  const { seriesFrom, series, ...rest } = tick;
  return {
    ...rest,
    names: withKnownSeries(known.names, rest.names),
    series: joined(known.series, seriesFrom, series),
  };
}

function joined(known: Series, from: number, tail: Series): Series {
  if (from === 0) return tail;
  const continues =
    known.stepMs === tail.stepMs &&
    known.startMs + from * known.stepMs === tail.startMs &&
    from <= known.requests.length;
  if (!continues) return known;
  const join = <Value>(head: readonly Value[], end: readonly Value[]): Value[] => [
    ...head.slice(0, from),
    ...end,
  ];
  const zeros: readonly number[] = new Array(from).fill(0);
  return {
    startMs: known.startMs,
    stepMs: known.stepMs,
    requests: join(known.requests, tail.requests),
    failed: join(known.failed, tail.failed),
    errors: Object.fromEntries(
      Object.entries(tail.errors).map(([kind, end]) => [
        kind,
        join(Object.hasOwn(known.errors, kind) ? (known.errors[kind] ?? zeros) : zeros, end),
      ]),
    ),
    meanMs: join(known.meanMs, tail.meanMs),
    p50Ms: join(known.p50Ms, tail.p50Ms),
    p95Ms: join(known.p95Ms, tail.p95Ms),
    p99Ms: join(known.p99Ms, tail.p99Ms),
    maxMs: join(known.maxMs, tail.maxMs),
    users: join(known.users, tail.users),
    connected: join(known.connected, tail.connected),
    usersStarted: join(known.usersStarted, tail.usersStarted),
    bytesReceived: join(known.bytesReceived, tail.bytesReceived),
    bytesSent: join(known.bytesSent, tail.bytesSent),
    cpuPercent: join(known.cpuPercent, tail.cpuPercent),
    memoryPercent: join(known.memoryPercent, tail.memoryPercent),
    networkReceived: join(known.networkReceived, tail.networkReceived),
    networkSent: join(known.networkSent, tail.networkSent),
    delayMeanMs: join(known.delayMeanMs, tail.delayMeanMs),
    delayMaxMs: join(known.delayMaxMs, tail.delayMaxMs),
    runQueueMean: join(known.runQueueMean, tail.runQueueMean),
    runQueueMax: join(known.runQueueMax, tail.runQueueMax),
  };
}

function withKnownSeries(
  known: readonly NameStats[],
  names: readonly NameStats[],
): readonly NameStats[] {
  const series = new Map(known.map((name) => [`${name.kind} ${name.name}`, name.series]));
  return names.map((name) => {
    const its = name.series ?? series.get(`${name.kind} ${name.name}`);
    return its === undefined ? name : { ...name, series: its };
  });
}
