/**
 * Stands in for Tsung: writes what Tsung writes in so many seconds, as fast as it can or, with
 * `real`, when Tsung writes it. Arguments: requests, names, spread of durations, seconds, `quick`
 * or `real`, then Tsung's own.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecordWriter } from '../support/records.ts';

const [rows = 0, names = 0, spread = 0, seconds = 0] = process.argv.slice(2, 6).map(Number);
const isReal = process.argv[6] === 'real';
/** Onager's recorder writes a second this long after its end. */
const lateMs = 20;
// Node.js shortens `/proc/self/cwd/..` to `/proc/self`, and tries for ever to make a folder there.
const root = (process.argv[process.argv.indexOf('-l') + 1] ?? '').replace(
  '/proc/self/cwd',
  process.cwd(),
);
const folder = join(root, '20260101-0000');
await mkdir(folder, { recursive: true });
const startSeconds = Math.floor(Date.now() / 1_000) - (isReal ? 0 : seconds);
const log = createWriteStream(join(folder, 'tsung.log'));
const records = createWriteStream(process.env['ONAGER_RECORDS'] ?? '');
const recordOf = createRecordWriter();

let random = 1;
function next(): number {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  return random / 2 ** 32;
}

let total = 0;
for (let second = 0; second < seconds; second += 1) {
  const count = Math.round((rows * (second + 1)) / seconds) - total;
  const durations = new Map<string, number[]>();
  for (let row = 0; row < count; row += 1) {
    const name = Math.floor(next() ** 2 * names);
    // From one millisecond up, each name around its own median, over `spread` doublings.
    const ms = (1 + (name % 40)) * 2 ** (next() * spread);
    const status = next() < 0.002 ? 503 : 200;
    const key = `${status} GET /page/${name}`;
    const its = durations.get(key) ?? [];
    durations.set(key, its);
    its.push(Math.round(ms * 1_000));
  }
  total += count;
  if (isReal) await sleep(Math.max((startSeconds + second + 1) * 1_000 + lateMs - Date.now(), 0));
  const measured = [...durations].map(([key, durationsUs]) => {
    const bytes = durationsUs.length * 512;
    return { name: key.slice(4), status: Number(key.slice(0, 3)), durationsUs, bytes };
  });
  if (!records.write(recordOf(startSeconds + second, measured))) await once(records, 'drain');
  log.write(
    [
      `# stats: dump at ${startSeconds + second + 1}`,
      'stats: users 40 60',
      `stats: users_count 5 ${5 * second}`,
      `stats: finish_users_count 5 ${5 * second}`,
      `stats: request ${count} 20 5 90 1 20 ${total - count}`,
      `stats: 200 ${count} ${total}`,
      `stats: size_rcv ${512 * count} ${512 * total}`,
      '',
    ].join('\n'),
  );
}
records.end();
await once(records, 'finish');
// Gives the reader time to reach the last line: in a real run it is never more than a moment
// behind.
await sleep(3_000);
log.end('EndMonitor:{1767,225600,0}\n');
await once(log, 'finish');
