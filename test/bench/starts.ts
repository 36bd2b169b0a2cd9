/**
 * How many users one Erlang starts in a second, each with a connection and one request: Tsung alone
 * and with Onager's part in it.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCounter } from './counter.ts';
import { fireEngine, steady, type Way, ways } from './engine-run.ts';
import { median, tell } from './figure.ts';

const rounds = 3;
/** More than it can start: they start as fast as the launcher can. */
const wanted = { seconds: 5, users: 20_000, requests: 1 };

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-starts-'));
await using counter = await startCounter();
try {
  const rates: Record<Way, number[]> = { ours: [], bare: [] };
  const costs: Record<Way, number[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      await counter.reset();
      const xml = steady(counter.port, wanted);
      const { cpuMs } = await fireEngine({ way, folder: join(dir, `${way}-${round}`), xml });
      const { total, ms } = await counter.counted();
      rates[way].push((total * 1_000) / ms);
      costs[way].push(cpuMs / total);
    }
  }
  const ratio = median(rates.ours) / median(rates.bare);
  tell({
    what: 'users started in a second, one request each',
    ours: median(rates.ours).toFixed(0),
    yardstick: `${median(rates.bare).toFixed(0)} (Tsung alone)`,
    ratio,
    goal: '>= 0.95',
    met: ratio >= 0.95,
    note:
      `medians of ${rounds}; processor time of Erlang for each user, its start and end included: ` +
      `${median(costs.ours).toFixed(3)} against ${median(costs.bare).toFixed(3)} ms`,
  });
} finally {
  await rm(dir, { recursive: true, force: true });
}
