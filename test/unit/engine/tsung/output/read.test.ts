/** All files of a run together, as Tsung leaves them. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Sampling } from '../../../../../src/engine/engine.ts';
import type { SampleBatch } from '../../../../../src/engine/samples.ts';
import { readOutput } from '../../../../../src/engine/tsung/output/read.ts';
import { templateTag } from '../../../../../src/engine/tsung/output/template-tag.ts';
import { createRecordWriter, type Measured } from '../../../../support/records.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const firstSecond = 1_700_000_000;
let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('read');
  await mkdir(join(dir, 'tsung/20260101-0000'), { recursive: true });
});

/** Written in Latin-1, as Erlang does. */
async function writeLog(name: string, text: string): Promise<void> {
  await writeFile(join(dir, 'tsung/20260101-0000', name), text, 'latin1');
}

async function read(requests: Sampling['requests'] = 'each'): Promise<readonly SampleBatch[]> {
  const batches: SampleBatch[] = [];
  const output = { dir, hasEnded: async () => true };
  for await (const batch of readOutput(output, { requests }, new AbortController().signal)) {
    batches.push(batch);
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
    await writeLog('tsung.log', log(seconds, ['request', ...names]));
    const batches = await read('intervals');
    expect(usersStarted(batches)).toBe(seconds);
    expect(batches.filter(({ type }) => type !== 'interval')).toEqual([]);
  });

  it('is read to its end where the durations are missing', async () => {
    await writeLog('tsung.log', log(seconds, names));
    expect(usersStarted(await read())).toBe(seconds);
  });
});

it('gives names as the scenario has them', async () => {
  const write = createRecordWriter();
  const [durationsUs, status] = [[2_000], 0];
  const first = write(firstSecond, [
    ...['tr_kä', 'tr_kö', 'plain'].map(
      (name): Measured => ({ kind: 'transaction', name, status, durationsUs }),
    ),
    { name: 'GET /ö', durationsUs },
    { name: `POST ${templateTag('/items/%%_id%%')}`, durationsUs },
    { name: 'pay', durationsUs },
    { name: 'a\u202eb', durationsUs },
    { kind: 'page', name: '', status, durationsUs },
    { kind: 'connect', name: '', status, durationsUs },
  ]);
  const second = write(firstSecond + 1, [{ name: 'pay', status: 500, durationsUs }]);
  await writeFile(join(dir, 'onager.records'), Buffer.concat([first, second]));
  await writeLog('tsung.log', log(2, []));
  const batches = await read();
  const totals = batches.flatMap((batch) => (batch.type === 'totals' ? batch.totals : []));
  expect(totals.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'transaction kä',
    'transaction kö',
    'transaction plain',
    'request GET /ö',
    'request POST /items/%%_id%%',
    'request pay',
    'request a\\u202eb',
    'page page',
    'connect connect',
    'request pay',
  ]);
  expect(totals.at(-1)).toMatchObject({ status: 500, error: '', count: 1, sumUs: 2_000 });
});
