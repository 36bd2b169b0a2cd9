/** The engine's host process: fires a plan once, watches the engine, ends all of it, and says how it ended. */

import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, messageOf, OnagerError } from '../../errors.ts';
import { RefusedFile } from '../../files/untrusted-file.ts';
import type { Log } from '../../log.ts';
import { waitAwake } from '../../retry.ts';
import type { Engine, Exit, Plan } from '../engine.ts';
import { recordGenerator } from '../generator/record.ts';
import { engineOutput, writeExit } from '../handover/exit-file.ts';
import { readPlan } from '../handover/plan-file.ts';
import { writePlannedFiles } from '../handover/planned-files.ts';
import { claimFiring } from '../handover/process-file.ts';
import { isWithdrawn } from '../handover/withdrawal.ts';
import { endAll, identify, processesOf } from '../processes.ts';
import { type EndReason, type WatchTiming, waitForEndReason, watchTiming } from './end-reason.ts';
import { type StartedEngine, startEngine } from './engine-process.ts';

export type HostTiming = WatchTiming &
  Readonly<{
    /** How long asking for an early end may take, then how long that end may take. */
    requestStopMs: number;
    stopGraceMs: number;
    /** From SIGTERM to SIGKILL. */
    termGraceMs: number;
  }>;

export type HostOptions = Readonly<{
  planPath: string;
  /** Aborted: somebody asks for an early end, as by SIGTERM or SIGINT. */
  signal?: AbortSignal;
  engines: (name: string) => Engine | undefined;
  log: Log;
  timing?: HostTiming;
}>;

const defaultTiming: HostTiming = {
  ...watchTiming,
  requestStopMs: 60_000,
  stopGraceMs: 180_000,
  termGraceMs: 30_000,
};

/**
 * Fires the plan, unless that has been done: `ENGINE_ALREADY_FIRED`. Throws before the claim, never after it:
 * what goes wrong from then on is told by the exit, which is also in exit.json.
 */
export async function runSupervisor(options: HostOptions): Promise<Exit> {
  const { engines, log, timing = defaultTiming } = options;
  const { plan, planPath } = await findPlan(options.planPath);
  const outputDir = dirname(planPath);
  const engine = engines(plan.engine);
  if (engine === undefined) {
    throw new OnagerError('ENGINE_UNKNOWN', `unknown engine "${plan.engine}"`, {
      hint: 'was the plan made by another version of Onager?',
    });
  }
  using stop = stopRequests(options.signal);
  const marker = randomUUID();
  const startedAt = new Date().toISOString();
  const self = identify(process.pid);
  if (self === undefined) throw new Error('/proc does not know this process');
  // Whoever sees the claim may count on everything that was planned.
  await writePlannedFiles(plan, outputDir);
  if (!(await claimFiring(outputDir, { ...self, marker, firedAt: startedAt }))) {
    throw new OnagerError('ENGINE_ALREADY_FIRED', `already fired: ${planPath}`, {
      hint: 'a scenario is fired once; fired.json beside the plan says by which process',
    });
  }
  log.info({ engine: plan.engine, argv: plan.argv }, 'fired');
  const end = await fire({ engine, plan, outputDir, marker, stop: stop.signal, log, timing });
  const exit = { startedAt, endedAt: new Date().toISOString(), ...end };
  await writeExit(outputDir, exit);
  log.info({ exit }, 'engine ended');
  return exit;
}

async function findPlan(path: string): Promise<Readonly<{ plan: Plan; planPath: string }>> {
  try {
    // A unit names a link to the plan; the folder of the plan itself is the engine's.
    const planPath = await realpath(path);
    return { plan: await readPlan(planPath), planPath };
  } catch (cause) {
    const isRefused = cause instanceof RefusedFile;
    if ((cause instanceof OnagerError && !isRefused) || !(cause instanceof Error)) throw cause;
    const hint = 'the agent makes a plan.json, in engine/ of the run folder, and starts the engine';
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR'))
      throw new OnagerError('SOURCE_MISSING', `there is no plan "${path}"`, { hint, cause });
    throw new OnagerError(
      'SOURCE_UNREADABLE',
      `cannot read the plan "${path}": ${isRefused ? cause.reason : cause.message}`,
      {
        hint,
        cause,
      },
    );
  }
}

type Firing = Readonly<{
  engine: Engine;
  plan: Plan;
  outputDir: string;
  marker: string;
  stop: AbortSignal;
  log: Log;
  timing: HostTiming;
}>;

/** From the claim to the end of the engine's last process. */
async function fire(firing: Firing): Promise<Omit<Exit, 'startedAt' | 'endedAt'>> {
  const { plan, outputDir, marker, stop, log, timing } = firing;
  if (stop.aborted || isWithdrawn(outputDir))
    return { reason: 'stopped', detail: 'stopped before the engine was started' };
  let started: StartedEngine;
  try {
    started = await startEngine({ plan, outputDir, marker });
  } catch (error) {
    // It may have been started and only its record have failed.
    await endAll({ marker }, { graceMs: 0 });
    return {
      reason: 'spawn-failed',
      detail: `cannot start "${plan.argv[0]}": ${messageOf(error)}`,
    };
  }
  const run = { marker, session: started.pid };
  const generator = recordGenerator({ outputDir, pids: () => processesOf(run), log });
  const why = await waitForEndReason({
    ...firing,
    ended: started.ended,
    output: engineOutput(outputDir),
  });
  if (why.reason !== 'ended') {
    log.info(why, 'ending the engine');
    await askToEnd(firing, started, why.reason);
  }
  // Whatever the reason: the engine itself, if it is still there, and all that it has left behind.
  const survivors = await endAll(run, { graceMs: timing.termGraceMs });
  // One that is gone is heard of sooner or later.
  const processEnd = await (survivors.length === 0 ? started.ended : within(started.ended, 1_000));
  await Promise.all([started.closeLogs(), generator.close()]);
  return { ...processEnd, ...why, ...unkillable(why, survivors) };
}

/** The engine's own way to end early, which keeps its statistics; resolves when it has ended, or does not listen. */
async function askToEnd(
  { engine, plan, log, timing }: Firing,
  started: StartedEngine,
  why: Exit['reason'],
): Promise<void> {
  if (engine.requestStop === undefined) return;
  const late = new AbortController();
  try {
    const asked = engine.requestStop(plan, late.signal, why).then(() => 'asked' as const);
    if ((await within(asked, timing.requestStopMs)) === undefined) throw new Error('no answer');
    await within(started.ended, timing.stopGraceMs);
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'the engine cannot be asked to end');
  } finally {
    late.abort();
  }
}

/** SIGTERM, SIGINT and the given signal ask for an early end; SIGHUP is ignored: the run outlives its terminal. */
function stopRequests(given: AbortSignal | undefined): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const ignore = (): void => undefined;
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', ignore);
  return {
    signal: given === undefined ? controller.signal : AbortSignal.any([given, controller.signal]),
    [Symbol.dispose]() {
      process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', ignore);
    },
  };
}

/** Undefined where it takes longer, for a process that is awake meanwhile. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  const over = new AbortController();
  const late = waitAwake(limitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

function unkillable(why: EndReason, survivors: readonly number[]): { detail?: string } {
  if (survivors.length === 0) return {};
  const sentence = `these processes could not be killed: ${survivors.join(', ')}`;
  return { detail: why.detail === undefined ? sentence : `${why.detail}; ${sentence}` };
}
