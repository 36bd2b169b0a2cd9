/**
 * A machine with almost no processor, a systemctl that takes a minute, and names that resolve late:
 * the run is slow, but complete.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startSimulation } from '../../src/rehearsal/simulation.ts';
import type { RunState } from '../../src/run/state.ts';
import { finalSummary, isOver } from '../support/rehearsal.ts';
import { makeScenario } from '../support/scenario.ts';
import { slowInstance } from '../support/slow-instance.ts';
import { throttle } from '../support/throttle.ts';

const share = 0.05;
const lateMs = 30_000;
const limitMs = 900_000;

describe.skipIf(process.getuid?.() !== 0).concurrent('on a slow machine', () => {
  it.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'a load of %i s is whole, and every wait has its name',
    { timeout: limitMs },
    async (seconds) => {
      await using stack = new AsyncDisposableStack();
      const dir = await mkdtemp(join(tmpdir(), 'onager-slow-'));
      stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
      const instance = await slowInstance(dir, { startSeconds: 60 });
      const out = await mkdtemp(join(dir, 'out-'));
      const simulation = stack.use(
        await startSimulation({
          source: await makeScenario(await mkdtemp(join(dir, 'scenario-')), { seconds, rate: 20 }),
          out,
          port: 0,
          vars: { TARGET_HOST: 'late.test' },
          agentCommand: instance.agentCommand,
          path: `${instance.bin}:${process.env['PATH']}`,
        }),
      );
      const over = new AbortController();
      let host: number | undefined;
      const pids = (): readonly number[] =>
        [simulation.agent.pid(), host].flatMap((pid) => pid ?? []);
      const throttled = throttle(pids, share, over.signal);
      stack.defer(async () => {
        over.abort();
        await throttled;
      });

      const startedMs = performance.now();
      const waits = new Set<string>();
      const known = once(() => instance.resolves('late.test'));
      const run = await untilOver(simulation.instanceDir, async ({ awaiting }) => {
        host = await instance.host();
        if (awaiting !== undefined) waits.add(awaiting.what);
        if (awaiting?.what.includes('late.test')) known();
      });
      over.abort();
      await throttled;
      const { generator, totals } = await finalSummary({ simulation, out, ...noDispose });
      const took = Math.round((performance.now() - startedMs) / 1_000);
      const served = simulation.target.served();
      console.log(
        `${seconds} s: ${run.outcome?.kind} after ${took} s, summary.json ${totals.requests}, target ${served}, generator ${generator.verdict}; waited for ${[...waits].join(' | ')}`,
      );
      expect(run.outcome).toEqual({ kind: 'complete' });
      expect(totals.requests).toBe(served);
      expect([...waits]).toEqual(
        expect.arrayContaining([
          'an address of the target late.test',
          'the start of the engine',
          'the end of the load',
        ]),
      );
    },
  );
});

const noDispose = { [Symbol.asyncDispose]: async () => undefined };

/** Does it on the first call, after that long. */
function once(act: () => Promise<void>): () => void {
  let isBegun = false;
  return () => {
    if (!isBegun) void sleep(lateMs).then(act);
    isBegun = true;
  };
}

async function untilOver(
  instanceDir: string,
  look: (run: Partial<RunState>) => Promise<void>,
): Promise<RunState> {
  for (const startedMs = performance.now(); performance.now() - startedMs < limitMs - 60_000; ) {
    const run = await stateIn(instanceDir);
    await look(run ?? {});
    if (run !== undefined && isOver(run)) return run;
    await sleep(200);
  }
  throw new Error(`not over: ${JSON.stringify(await stateIn(instanceDir))}`);
}

/** As it is on the disk: asking a throttled agent would take its processor time away. */
async function stateIn(instanceDir: string): Promise<RunState | undefined> {
  const runs = join(instanceDir, 'runs');
  const [name] = await readdir(runs).catch(() => []);
  if (name === undefined) return undefined;
  const text = await readFile(join(runs, name, 'run.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
