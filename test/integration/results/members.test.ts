/** The meter of a cluster's leader, on what its members write and what has come of it. */

import { appendFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Measurements } from '../../../src/results/measurements.ts';
import { type Meter, measure, startMeter } from '../../../src/results/meter.ts';
import type { ClusterOutput } from '../../../src/results/read-output.ts';
import { applyTick } from '../../../src/results/tick.ts';
import { clusterRun, parts, writeRun } from '../../support/cluster-run-folder.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let root = '';
let meter: Meter | undefined;
const files = clusterRun();
const endedOf = new Set<string>();

beforeEach(async () => {
  root = await temporaryFolder('members');
  endedOf.clear();
});
afterEach(async () => {
  await meter?.close();
});

function options() {
  const members: ClusterOutput = {
    self: 'i-0a',
    shares: new Map(parts.map(({ instanceId, share }) => [instanceId, share])),
    others: parts.slice(1).map(({ instanceId, aheadS = 0 }) => ({
      instanceId,
      engineDir: join(root, 'members', instanceId, 'engine'),
      clockOffsetMs: aheadS * 1_000,
      hasEnded: async () => endedOf.has(instanceId),
    })),
  };
  return {
    engine: 'tsung',
    engineDir: join(root, 'engine'),
    plan: { sampling: { requests: 'each' as const }, loadPhases: [], plannedUsers: 120 },
    slo: [],
    members,
    signal: new AbortController().signal,
  };
}

it('measures while its members write, and ends once all of them have ended', async () => {
  const isOthers = (path: string): boolean => path.startsWith('members/');
  const own = Object.entries(files).filter(([path]) => !isOthers(path));
  await writeRun(root, Object.fromEntries(own));
  const seen = watching();
  meter = startMeter({ ...options(), ...seen.listeners });
  let isDone = false;
  void meter.done.then(() => {
    isDone = true;
  });
  await seen.next(({ totals }) => totals.requests === 44);
  // The own engine has ended; the others' files come late, in pieces.
  for (const half of [0, 1]) {
    for (const [path, content] of Object.entries(files).filter(([key]) => isOthers(key))) {
      const bytes = Buffer.from(content);
      const middle = Math.floor(bytes.length / 2);
      await mkdir(dirname(join(root, path)), { recursive: true });
      await appendFile(
        join(root, path),
        half === 0 ? bytes.subarray(0, middle) : bytes.subarray(middle),
      );
    }
    await seen.next(({ totals }) => totals.requests > (half === 0 ? 44 : 76));
  }
  expect(isDone).toBe(false);
  endedOf.add('i-0b');
  endedOf.add('i-0c');
  const final = await meter.done;
  expect(final.totals).toMatchObject({ requests: 77, usersPeak: 12 });
  expect(final.members?.map(({ requests }) => requests)).toEqual([44, 22, 11]);
  expect(final).toEqual(await measure(options()));
});

it('has the figures of the others where nothing came of one', async () => {
  await writeRun(root, files);
  await rm(join(root, 'members/i-0b'), { recursive: true });
  endedOf.add('i-0b');
  endedOf.add('i-0c');
  const { members, totals } = await measure(options());
  expect(totals.requests).toBe(55);
  expect(members?.[1]).toMatchObject({
    requests: 0,
    perSecond: 0,
    generator: { verdict: 'unknown', reasons: [] },
  });
});

/** What the meter tells, put together. */
function watching() {
  let known: Measurements | undefined;
  let changed = Promise.withResolvers<void>();
  function tell(next: Measurements): void {
    known = next;
    changed.resolve();
    changed = Promise.withResolvers();
  }
  return {
    listeners: {
      onFull: tell,
      onTick: (tick: Parameters<typeof applyTick>[1]) => {
        if (known !== undefined) tell(applyTick(known, tick));
      },
    },
    async next(isWanted: (found: Measurements) => boolean): Promise<void> {
      while (known === undefined || !isWanted(known)) await changed.promise;
    },
  };
}
