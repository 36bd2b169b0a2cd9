/**
 * A cluster of simulated members on one machine, without engines: how soon after the last member
 * they start together, and what that and their files cost the leader. `--members 200`
 */

import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tell } from './figure.ts';
import { type MembersOrder, type MembersReport, parseReport } from './members-messages.ts';

const { values } = parseArgs({ options: { members: { type: 'string', default: '200' } } });
const count = Number(values.members);
const bytesPerSecond = 2_000;
const seconds = 20;

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-members-'));
const common = { dir, subnet: '127.0.1', port: 7_424, size: count };
const leader = startProcess();
const others = startProcess();
try {
  await measure();
} finally {
  for (const each of [leader, others]) each.end();
  await rm(dir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const begunMs = Date.now();
  leader.send({ ...common, indexes: [0] });
  others.send({ ...common, indexes: Array.from({ length: count - 2 }, (_, at) => at + 1) });
  await leader.next(({ counted }) => (counted ?? 0) >= count - 1);
  const gathered = { ms: Date.now() - begunMs, cpuMs: (await leader.usage()).cpuMs };

  const idle = await costOf(5);
  const lastMs = Date.now();
  const before = await leader.usage();
  others.send({ ...common, indexes: [count - 1] });
  const agreed = await leader.next(({ agreedAtMs }) => agreedAtMs !== undefined);
  const start = await leader.next(({ startMs }) => startMs !== undefined);
  await others.next(({ started }) => started === count - 1);
  const joining = (await leader.usage()).cpuMs - before.cpuMs;
  tell({
    what: `${count} members: from the last one up to the start of the load`,
    ours: `${(((start.startMs ?? Number.NaN) - lastMs) / 1_000).toFixed(1)} s`,
    yardstick: '',
    goal: '<= 3 s',
    met: (start.startMs ?? Number.NaN) - lastMs <= 3_000,
    note:
      `the membership after ${(((agreed.agreedAtMs ?? Number.NaN) - lastMs) / 1_000).toFixed(1)} s; ` +
      `${joining.toFixed(0)} ms of the leader's processor. The ${count - 1} before took ` +
      `${(gathered.ms / 1_000).toFixed(1)} s to gather, ${gathered.cpuMs.toFixed(0)} ms of the ` +
      `leader's; while they wait they take ${(idle.share * 100).toFixed(1)} % of a core of it`,
  });

  others.send({ ...common, indexes: [], grow: { bytesPerSecond, seconds } });
  const led = await costOf(seconds);
  await sleep(2_000);
  const { memoryBytes, copiedBytes } = await leader.usage();
  const perMember = led.share / (count - 1);
  tell({
    what: `the leader of ${count} members, whose files grow by ${bytesPerSecond / 1_000} kB/s each`,
    ours: `${(perMember * 100).toFixed(2)} % of a core each`,
    yardstick: '',
    goal: '<= 0.2 %',
    met: perMember <= 0.002,
    note:
      `${(led.share * 100).toFixed(0)} % for all; ${(memoryBytes / 2 ** 20).toFixed(0)} MiB; ` +
      `${copiedBytes} of ${(count - 1) * bytesPerSecond * seconds} bytes copied; no measurement, no page`,
  });
}

/** The leader's processor time, as a share of a core. */
async function costOf(forSeconds: number): Promise<Readonly<{ share: number }>> {
  const [before, begunMs] = [await leader.usage(), performance.now()];
  await sleep(forSeconds * 1_000);
  const cpuMs = (await leader.usage()).cpuMs - before.cpuMs;
  return { share: cpuMs / (performance.now() - begunMs) };
}

function startProcess() {
  const child = fork(join(import.meta.dirname, 'members-process.ts'), [], { stdio: 'inherit' });
  const waiting = new Set<(report: MembersReport) => void>();
  const reports: MembersReport[] = [];
  child.on('message', (message) => {
    const report = parseReport(message);
    reports.push(report);
    for (const look of waiting) look(report);
  });
  const send = (order: MembersOrder): void => void child.send(order);

  /** The first report, of those that came and those to come, that is meant. */
  async function next(isMeant: (report: MembersReport) => boolean): Promise<MembersReport> {
    const known = reports.find(isMeant);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<MembersReport>();
    const look = (report: MembersReport): void => {
      if (isMeant(report)) resolve(report);
    };
    waiting.add(look);
    const found = await promise;
    waiting.delete(look);
    return found;
  }

  let asked = 0;
  return {
    send,
    next,
    async usage() {
      asked += 1;
      const number = asked;
      send({ ...common, indexes: [], usage: number });
      const { usage } = await next((report) => report.usage?.number === number);
      if (usage === undefined) throw new Error('no usage');
      return usage;
    },
    end: () => child.kill('SIGKILL'),
  };
}
