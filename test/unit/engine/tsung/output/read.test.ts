/** All files of a run together, as Tsung leaves them. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Sampling } from '../../../../../src/engine/engine.ts';
import type { SampleBatch } from '../../../../../src/engine/samples.ts';
import { readOutput } from '../../../../../src/engine/tsung/output/read.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const firstSecond = 1_700_000_000;
let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('read');
  await mkdir(join(dir, 'tsung/20260101-0000'), { recursive: true });
});

/** Written in Latin-1, as Erlang does. */
async function write(name: string, text: string): Promise<void> {
  await writeFile(join(dir, 'tsung/20260101-0000', name), text, 'latin1');
}

async function read(requests: Sampling['requests'] = 'each'): Promise<readonly SampleBatch[]> {
  const batches: SampleBatch[] = [];
  const output = { dir, hasEnded: async () => true };
  for await (const batch of readOutput(output, { requests }, new AbortController().signal)) {
    // The reader reuses their arrays.
    batches.push(structuredClone(batch));
  }
  return batches;
}

/** One block per second, each with one more sample of every name and one more user. */
function log(seconds: number, names: readonly string[]): string {
  const blocks = Array.from({ length: seconds }, (_, second) => [
    `# stats: dump at ${firstSecond + second}`,
    `stats: users_count 1 ${second + 1}`,
    ...names.map((name) => `stats: ${name} 1 2.0 0 2.0 2.0 2.0 ${second}`),
  ]);
  return `${blocks.flat().join('\n')}\nEndMonitor:{1767,225600,0}\n`;
}

function usersStarted(batches: readonly SampleBatch[]): number {
  const counts = batches.map((batch) => (batch.type === 'interval' ? batch.usersStarted : 0));
  return counts.reduce<number>((sum, count = 0) => sum + count, 0);
}

describe('a long run', () => {
  const seconds = 6_000;
  const names = [
    'session',
    'connect',
    'page',
    ...Array.from({ length: 18 }, (_, at) => `tr_${at}`),
  ];

  it('is read to its end where no duration is wanted', async () => {
    await write('tsung.log', log(seconds, ['request', ...names]));
    const batches = await read('intervals');
    expect(usersStarted(batches)).toBe(seconds);
    expect(batches.filter(({ type }) => type !== 'interval')).toEqual([]);
  });

  it('is read to its end where the durations are missing', async () => {
    await write('tsung.log', log(seconds, names));
    expect(usersStarted(await read())).toBe(seconds);
  });
});

it('distinguishes non-ASCII names, and reads them the same from every file', async () => {
  const names = ['tr_kä', 'tr_kö', 'tr_plain'];
  await write('tsung.log', log(2, names));
  const tuples = names.map((name) => `{sample,${name},2.0}`).join(',\n ');
  await write('tsung-fullstats.log', `[${tuples}]\n[${tuples}]\n`);
  const rows = names.map((name) => `${firstSecond}.5;<0.1.0>;1;get;h;/ö;200;1;2.0;${name};;;\n`);
  await write('tsung-1.dump', rows.join(''));
  const counts = new Map<string, number>();
  for (const batch of await read()) {
    if (batch.type !== 'samples') continue;
    for (const index of batch.name.subarray(0, batch.count)) {
      const name = `${batch.kind} ${batch.names[index]}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (batch.kind === 'request') expect(batch.transactions).toEqual(['', 'kä', 'kö', 'plain']);
  }
  expect(Object.fromEntries(counts)).toEqual({
    'transaction kä': 2,
    'transaction kö': 2,
    'transaction plain': 2,
    'request GET /ö': 3,
  });
});
