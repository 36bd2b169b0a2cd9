/**
 * The promises that take minutes to test: exact counts at every length, ten kills in one run, a
 * bucket that is down when it matters.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBucket } from '../../src/rehearsal/bucket/bucket.ts';
import {
  beginRehearsal,
  engineProcess,
  expectWholeBucket,
  finalSummary,
  isOver,
  killAgent,
  until,
} from '../support/rehearsal.ts';

const minute = 60_000;

it.each([5, 10, 15, 20, 25, 30, 40, 45, 50, 60])(
  'counts exactly what the target counted in %i s',
  async (seconds) => {
    await using rehearsed = await beginRehearsal({ seconds, rate: 20 });
    const run = await until(rehearsed, isOver, 3 * minute);
    expect(run.outcome).toEqual({ kind: 'complete' });
    const { requests } = (await finalSummary(rehearsed)).totals;
    const served = rehearsed.simulation.target.served();
    console.log(`${seconds} s: summary.json ${requests}, target ${served}`);
    expect(requests).toBe(served);
  },
);

it('ten kills of the agent in 60 s change nothing', async () => {
  await using rehearsed = await beginRehearsal({ seconds: 60, rate: 20 });
  const running = await until(rehearsed, ({ phase }) => phase === 'running');
  const engine = await engineProcess(rehearsed, running);
  for (let kill = 0; kill < 10; kill += 1) {
    await sleep(5_000);
    await killAgent(rehearsed);
    expect(await engineProcess(rehearsed, running)).toEqual(engine);
  }
  const run = await until(rehearsed, isOver, 3 * minute);
  const { requests } = (await finalSummary(rehearsed)).totals;
  const served = rehearsed.simulation.target.served();
  const manifest = await expectWholeBucket(rehearsed, run);
  console.log(
    `ten kills: summary.json ${requests}, target ${served}, ${manifest.objects.length} objects`,
    engine,
  );
  expect(requests).toBe(served);
});

it('a bucket that is down for the first 30 s and again at the end gets everything', async () => {
  await using rehearsed = await beginRehearsal({ seconds: 45, rate: 20 });
  const { bucket, secrets, target } = rehearsed.simulation;
  const again = {
    bucket: 'rehearsal',
    storeDir: join(rehearsed.out, '.bucket'),
    port: bucket.port,
    ...secrets,
  };
  await bucket.close();
  await sleep(30_000);
  await untilFree(bucket.port);
  const second = await startBucket(again);
  await until(rehearsed, ({ publish }) => (publish?.objects ?? 0) > 0, 2 * minute);
  await second.close();
  const down = await until(
    rehearsed,
    ({ phase, publish }) => phase === 'publishing' && publish?.problem !== undefined,
    2 * minute,
  );
  console.log('while it is down at the end:', down.publish);
  await sleep(10_000);
  await untilFree(bucket.port);
  await using third = await disposable(startBucket(again));
  const run = await until(rehearsed, isOver, 3 * minute);
  const manifest = await expectWholeBucket(rehearsed, run, third.bucket);
  const { requests } = (await finalSummary(rehearsed)).totals;
  console.log(
    `outages: summary.json ${requests}, target ${target.served()}, ${manifest.objects.length} objects verified`,
  );
  expect(requests).toBe(target.served());
});

async function disposable(starting: ReturnType<typeof startBucket>) {
  const bucket = await starting;
  return { bucket, [Symbol.asyncDispose]: () => bucket.close() };
}

/** While the bucket is down, an outgoing connection of another program may use its port. */
async function untilFree(port: number): Promise<void> {
  const deadline = AbortSignal.timeout(minute);
  for (;;) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (free) {
      server.close();
      await once(server, 'close');
      return;
    }
    await sleep(100, undefined, { signal: deadline });
  }
}
