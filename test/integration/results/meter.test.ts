/** The meter on files like those of Tsung. */
import { appendFile, mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/engine/engine.ts';
import { writeExit } from '../../../src/engine/handover/exit-file.ts';
import type { Measurements, MeasurementsTick } from '../../../src/results/measurements.ts';
import { type Meter, type MeterOptions, measure, startMeter } from '../../../src/results/meter.ts';
import { applyTick } from '../../../src/results/tick.ts';
import { until } from '../../support/fake-engine-run.ts';
import { createRecordWriter } from '../../support/records.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const startS = 1_700_000_000;
const plan: Plan = {
  engine: 'tsung',
  argv: ['tsung'],
  env: {},
  cwd: '/',
  files: [],
  loadPhases: [],
  targets: [],
  changes: [],
  sampling: { requests: 'each' },
  limits: { durationMs: 1_000, minFreeBytes: 0 },
};
let engineDir = '';
let records = '';
let recordOf = createRecordWriter();
let meter: Meter | undefined;

beforeEach(async () => {
  engineDir = await temporaryFolder('meter');
  await mkdir(join(engineDir, 'tsung', '20231114-2213'), { recursive: true });
  records = join(engineDir, 'onager.records');
  recordOf = createRecordWriter();
});

afterEach(async () => {
  await meter?.close();
});

describe('the meter', () => {
  it('measures a run while it grows, and has every request at the end', async () => {
    const seen = waiting();
    start(seen.options);
    await appendFile(records, requests(0, 500));
    let known = await seen.next(({ totals }) => totals.requests === 500);
    await appendFile(records, requests(500, 700));
    known = await seen.next(({ totals }) => totals.requests === 700);
    await appendFile(records, requests(700, 1_000));
    await appendFile(join(engineDir, 'generator.ndjson'), `${generatorLine}\n{"atMs":`);
    await end();
    const final = await meter?.done;
    expect(final?.totals).toMatchObject({ requests: 1_000, failed: 100 });
    // Only one of the ten seconds has a line.
    expect(final?.generator).toMatchObject({
      verdict: 'suspect',
      reasons: [expect.stringMatching(/^the generator was not watched for \d+ s from /)],
    });
    expect(final?.series.startMs).toBe(known.series.startMs);
    expect(final?.series.requests.slice(0, 6)).toEqual(known.series.requests.slice(0, 6));
    expect(final).toEqual(await measured());
  });

  it('is ready as soon as the end is reported', async () => {
    const seen = waiting();
    start(seen.options);
    // It reports a quarter of a second past each second, and looks again on its own at a tenth past
    // the next.
    await seen.next(() => true);
    await appendFile(records, requests(0, 20_000));
    await end();
    const untilNextLookMs = 1_100 - (Date.now() % 1_000);
    const nextLook = sleep(untilNextLookMs).then(() => 'its own next look');
    meter?.ended();
    const ready = meter?.done.then(() => 'the end');
    expect(await Promise.race([ready, nextLook])).toBe('the end');
  });

  it('rejects with the reason when it is aborted', async () => {
    const controller = new AbortController();
    start({ ...waiting().options, signal: controller.signal });
    controller.abort(new Error('shutting down'));
    await expect(meter?.done).rejects.toThrow('shutting down');
  });

  it('reads no more once it is closed', async () => {
    // A lot of output, so that it can end only between two pieces.
    await writeFile(records, requests(0, 2_000_000));
    start(waiting().options);
    await until('it reads', async () => (await openFiles()).includes(records));
    await meter?.close();
    expect(await openFiles()).not.toContain(records);
  });

  it('rejects when it is closed before the end', async () => {
    start(waiting().options);
    await meter?.close();
    await expect(meter?.done).rejects.toMatchObject({ code: 'METER_FAILED' });
  });

  it('reports a fault, and the run can still be measured', async () => {
    await appendFile(records, requests(0, 10));
    start({ ...waiting().options, engine: 'none' });
    await expect(meter?.done).rejects.toMatchObject({
      code: 'METER_FAILED',
      message: expect.stringContaining('unknown engine "none"'),
    });
    expect((await measured()).totals.requests).toBe(10);
  });
});

describe('measuring from files', () => {
  it('does not wait for an end that a crash has prevented', async () => {
    await writeFile(records, requests(0, 10));
    expect((await measured()).totals.requests).toBe(10);
  });

  it('measures nothing if there is no output', async () => {
    expect((await measured()).totals.requests).toBe(0);
  });
});

function start(options: Pick<MeterOptions, 'onTick' | 'onFull'> & Partial<MeterOptions>): void {
  const signal = AbortSignal.timeout(60_000);
  meter = startMeter({ engine: 'tsung', engineDir, plan, slo: [], signal, ...options });
}

async function measured(): Promise<Measurements> {
  const signal = AbortSignal.timeout(60_000);
  return await measure({ engine: 'tsung', engineDir, plan, slo: [], signal });
}

/** The files that this process has open. */
async function openFiles(): Promise<readonly string[]> {
  const handles = (await readdir('/proc/self/fd')).map((fd) => join('/proc/self/fd', fd));
  return await Promise.all(handles.map((handle) => readlink(handle).catch(() => '')));
}

async function end(): Promise<void> {
  const at = new Date(startS * 1_000).toISOString();
  await writeExit(engineDir, { startedAt: at, endedAt: at, exitCode: 0, reason: 'ended' });
}

/** Keeps what the meter reports, as the agent does, and waits for an expected report. */
function waiting() {
  let known: Measurements | undefined;
  let heard = (): void => undefined;
  const options = {
    onFull: (measurements: Measurements): void => {
      known = measurements;
      heard();
    },
    onTick: (tick: MeasurementsTick): void => {
      if (known !== undefined) known = applyTick(known, tick);
      heard();
    },
  };
  const next = async (wanted: (measurements: Measurements) => boolean): Promise<Measurements> => {
    const { promise, resolve } = Promise.withResolvers<Measurements>();
    heard = () => {
      if (known !== undefined && wanted(known)) resolve(known);
    };
    heard();
    return await promise;
  };
  return { options, next };
}

/** Requests `from` to `to`, a hundred per second; every tenth is a 503. */
function requests(from: number, to: number): Buffer {
  const rows = Array.from({ length: to - from }, (_, at) => from + at);
  const seconds = [...Map.groupBy(rows, (row) => startS + Math.floor(row / 100))];
  return Buffer.concat(
    seconds.map(([second, its]) => {
      const outcomes = [...Map.groupBy(its, (row) => (row % 10 === 0 ? 503 : 200))];
      return recordOf(
        second,
        outcomes.map(([status, alike]) => ({
          name: 'GET /a',
          status,
          durationsUs: alike.map((row) => 1_500 + (row % 50) * 1_000),
        })),
      );
    }),
  );
}

const generatorLine = JSON.stringify({
  atMs: startS * 1_000 + 1_000,
  stepMs: 1_000,
  cpuPercent: 40,
  stealPercent: 0,
  memoryPercent: 30,
  runQueue: 1,
  networkReceivedBytes: 1,
  networkSentBytes: 1,
  tcpSockets: 10,
  localPorts: 28_000,
  tcpRetransmits: 0,
});
