/** The contract that every engine keeps: one suite, run with each engine's own scenarios. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { detectAmong } from '../../src/engine/detect.ts';
import type {
  Engine,
  EngineOutput,
  Exit,
  Machine,
  Plan,
  ReadStart,
  Scenario,
  ScenarioVerdict,
} from '../../src/engine/engine.ts';
import { engineOutput, readExit, writeExit } from '../../src/engine/handover/exit-file.ts';
import { parsePlan } from '../../src/engine/handover/plan-file.ts';
import type { SampleBatch, Total } from '../../src/engine/samples.ts';
import { runSupervisor } from '../../src/engine/supervisor/supervisor.ts';
import { type ErrorCode, errorCodes } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { planned } from './planned.ts';
import { temporaryFolder } from './temporary.ts';

/** A scenario's files by their path, and its variables. */
export type ScenarioFixture = Readonly<{
  files: Readonly<Record<string, string>>;
  vars?: Readonly<Record<string, string>>;
}>;

export type EngineFixtures = Readonly<{
  /**
   * Ends by itself within seconds and makes at least one request. Called once a target may be up.
   */
  short: () => Promise<ScenarioFixture>;
  /** Would run for more than a minute, and makes a request in its first seconds. */
  long: () => Promise<ScenarioFixture>;
  broken: readonly Readonly<{ why: string; code?: ErrorCode; scenario: ScenarioFixture }>[];
  /** Files, by path, that are not a scenario of this engine. */
  foreign: readonly ScenarioFixture['files'][];
  /**
   * The verdict of the short scenario, and of the long one when it is stopped; absent if there is
   * none.
   */
  verdict?: ScenarioVerdict;
}>;

const limits: Plan['limits'] = { durationMs: 120_000, minFreeBytes: 0 };

export function describeEngine(engine: Engine, fixtures: EngineFixtures): void {
  describe(`the engine ${engine.name}`, () => {
    const { verdict } = fixtures;
    const said = verdict === undefined ? {} : { verdict };
    let root = '';
    let outputDir = '';
    const signal = AbortSignal.timeout(110_000);
    beforeEach(async () => {
      root = await temporaryFolder('contract');
      outputDir = join(root, 'engine');
      await mkdir(outputDir);
    });

    async function unpack({ files, vars = {} }: ScenarioFixture): Promise<Scenario> {
      const dir = join(root, 'scenario');
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), content);
      }
      const names = Object.keys(files);
      const { entry } = await detectAmong([engine], names, readFrom(files));
      return { dir, files: names, entry, vars };
    }

    const machine = (samples = true): Machine => ({
      outputDir,
      cpus: 2,
      memoryBytes: 2 * 1024 ** 3,
      samples,
      names: 'template',
    });

    const planOf = async (fixture: ScenarioFixture, samples = true): Promise<Plan> => {
      return await planned(engine, await unpack(fixture), machine(samples), limits);
    };

    async function supervise(plan: Plan, stop?: AbortSignal): Promise<Exit> {
      const planPath = join(outputDir, 'plan.json');
      await writeFile(planPath, JSON.stringify(plan));
      return await runSupervisor({
        planPath,
        engines: () => engine,
        log: silentLog(),
        ...(stop === undefined ? {} : { signal: stop }),
      });
    }

    it('has a name that can stand in a path, and says which version it is', async () => {
      expect(engine.name).toMatch(/^[a-z][a-z0-9-]*$/);
      const { engine: version, runtime } = await engine.version(signal);
      expect(version).not.toBe('');
      expect(runtime).not.toBe('');
    });

    it('knows its scenarios by their files, and takes no others', async () => {
      const { files } = await fixtures.short();
      const names = Object.keys(files);
      const found = await engine.detect(names, readFrom(files));
      expect(found.map(({ certainty }) => certainty)).toEqual(['sure']);
      for (const { entry } of found) expect(names).toContain(entry);
      for (const foreign of [{}, ...fixtures.foreign])
        expect(await engine.detect(Object.keys(foreign), readFrom(foreign))).toEqual([]);
    });

    it('finds nothing wrong with a good scenario, and changes nothing in it', async () => {
      const scenario = await unpack(await fixtures.short());
      const before = await readdir(scenario.dir, { recursive: true });
      const preparation = await engine.prepare(scenario, machine(), limits, { signal });
      expect(preparation).not.toHaveProperty('problems');
      expect(await readdir(scenario.dir, { recursive: true })).toEqual(before);
    });

    it.each(fixtures.broken)('tells in words what is wrong: $why', async ({ code, scenario }) => {
      const preparation = await engine.prepare(await unpack(scenario), machine(), limits, {
        signal,
      });
      const problems = 'problems' in preparation ? preparation.problems : [];
      expect(preparation).not.toHaveProperty('plan');
      expect(problems.length).toBeGreaterThan(0);
      for (const problem of problems) {
        expect(Object.keys(errorCodes)).toContain(problem.code);
        expect(problem.message).not.toBe('');
        expect(problem.hint).not.toBe('');
        expect(problem.message).not.toMatch(/\{error,|at .*\.ts:\d+|undefined/);
      }
      if (code !== undefined) expect(problems.map((problem) => problem.code)).toContain(code);
    });

    it.each([true, false])(
      'plans as plain data and does nothing yet (samples: %s)',
      async (samples) => {
        const plan = await planOf(await fixtures.short(), samples);
        expect(parsePlan(JSON.stringify(plan))).toEqual(plan);
        expect(plan.engine).toBe(engine.name);
        expect(plan.limits).toEqual(limits);
        expect(await readdir(outputDir)).toEqual([]);
        const { requests, duration, resolutionUs } = plan.sampling;
        expect(['each', 'overall', 'intervals']).toContain(requests);
        expect(['total', 'without-connect', 'first-byte']).toContain(duration);
        expect(resolutionUs).toBeGreaterThan(0);
      },
    );

    it('runs to its end, is read alike during the run and after it, and ends well', async () => {
      const plan = await planOf(await fixtures.short());
      const output = engineOutput(outputDir);
      const [exit, during] = await Promise.all([
        supervise(plan),
        tally(engine, { output, plan, signal }),
      ]);
      expect(exit).toMatchObject({ reason: 'ended' });
      expect(await engine.outcome(output, exit)).toEqual({ kind: 'complete', ...said });
      expect(during.samples + during.intervals).toBeGreaterThan(0);
      expect(await tally(engine, { output, plan, signal })).toEqual(during);
      if (engine.nativeReport !== undefined) {
        const into = join(root, 'native');
        expect(await readdir(into).catch(() => [])).toEqual([]);
        const page = await engine.nativeReport(output, into, signal);
        expect(await readdir(into, { recursive: true })).toContain(page);
      }
    });

    it('can be stopped, and what it measured until then is read', async () => {
      const plan = await planOf(await fixtures.long());
      const output = engineOutput(outputDir);
      const stop = new AbortController();
      const running = supervise(plan, stop.signal);
      for await (const batch of engine.read(output, plan, signal)) {
        if (batch.type !== 'unreadable') break;
      }
      stop.abort();
      const exit = await running;
      expect(exit).toMatchObject({ reason: 'stopped' });
      expect(await engine.outcome(output, exit)).toEqual({ kind: 'stopped', ...said });
      const { samples, intervals } = await tally(engine, { output, plan, signal });
      expect(samples + intervals).toBeGreaterThan(0);
    });

    it('lets its reader go when the signal says so', async () => {
      const enough = new AbortController();
      const plan = await planOf(await fixtures.short());
      const output: EngineOutput = {
        dir: outputDir,
        async hasEnded() {
          enough.abort(new Error('enough'));
          return false;
        },
      };
      await expect(tally(engine, { output, plan, signal: enough.signal })).rejects.toThrow();
    });

    it.each([
      ['spawn-failed', 'failed'],
      ['lost', 'interrupted'],
    ] as const)('makes sense of a run that left nothing: %s', async (reason, kind) => {
      const plan = await planOf(await fixtures.short());
      await writeFile(join(outputDir, 'plan.json'), JSON.stringify(plan));
      const at = '2026-01-02T03:04:05.000Z';
      await writeExit(outputDir, { startedAt: at, endedAt: at, reason, detail: 'no such file' });
      const output = engineOutput(outputDir);
      const exit = await readExit(outputDir);
      if (exit === undefined) throw new Error('no exit');
      const outcome = await engine.outcome(output, exit);
      expect(outcome).toMatchObject({ kind, problem: { hint: expect.any(String) } });
      expect(await tally(engine, { output, plan, signal })).toMatchObject({ samples: 0 });
    });
  });
}

function readFrom(files: ScenarioFixture['files']): ReadStart {
  return async (file) => Buffer.from(files[file] ?? '');
}

/** Reads and adds up all the output; checks every batch against what samples.ts promises. */
async function tally(
  engine: Engine,
  { output, plan, signal }: Readonly<{ output: EngineOutput; plan: Plan; signal: AbortSignal }>,
) {
  const sum = { samples: 0, durationUs: 0, intervals: 0, usersStarted: 0, unreadable: 0 };
  for await (const batch of engine.read(output, plan, signal)) {
    if (batch.type === 'samples') {
      expectSamples(batch);
      sum.durationUs += batch.durationUs.subarray(0, batch.count).reduce((all, us) => all + us, 0);
      sum.samples += batch.count;
    } else if (batch.type === 'totals') {
      for (const total of batch.totals) expectTotal(total);
      sum.durationUs += batch.totals.reduce((all, { sumUs }) => all + sumUs, 0);
      sum.samples += batch.totals.reduce((all, { count }) => all + count, 0);
    } else if (batch.type === 'interval') {
      expect(batch.stepMs).toBeGreaterThanOrEqual(0);
      sum.intervals++;
      sum.usersStarted += batch.usersStarted ?? 0;
    } else {
      sum.unreadable += batch.count;
    }
  }
  return sum;
}

/** Each duration is in a bucket. */
function expectTotal({ count, buckets }: Total): void {
  const counted = buckets.filter((_, place) => place % 2 === 1);
  expect(counted.reduce((all, times) => all + times, 0)).toBe(count);
}

type Batch = Extract<SampleBatch, { type: 'samples' }>;

function expectSamples(batch: Batch): void {
  expect(batch.errors[0]).toBe('');
  for (let i = 0; i < batch.count; i++) expectSample(batch, i);
}

/** Uses plain comparisons: an `expect` per sample would take longer than the run. */
function expectSample(batch: Batch, i: number): void {
  const [name, error, ok] = [batch.name[i], batch.error[i], batch.ok[i]];
  const duration = batch.durationUs[i] ?? Number.NaN;
  const good =
    name !== undefined &&
    name < batch.names.length &&
    error !== undefined &&
    error < batch.errors.length &&
    (ok === 0 || ok === 1) &&
    duration >= 0 &&
    !((batch.bytes[i] ?? -1) < 0);
  if (!good) throw new Error(`sample ${i} breaks the contract: ${name} ${error} ${ok} ${duration}`);
}
