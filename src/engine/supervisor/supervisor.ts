/** Fires a plan once, watches the engine, stops it, and records how it ended. */

import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { messageOf, OnagerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Exit, maxStopGraceMs, type Plan, type Supervised } from '../engine.ts';
import { recordGenerator } from '../generator/record.ts';
import { engineOutput, writeExit } from '../handover/exit-file.ts';
import { writePlannedFiles } from '../handover/planned-files.ts';
import { claimFiring } from '../handover/process-file.ts';
import { isWithdrawn } from '../handover/withdrawal.ts';
import { endAll, identify, processesOf } from '../processes.ts';
import { type AskTiming, askToEnd } from './ask-to-end.ts';
import { type EndReason, type WatchTiming, waitForEndReason, watchTiming } from './end-reason.ts';
import { type StartedEngine, startEngine } from './engine-process.ts';
import { findPlan } from './find-plan.ts';
import { stopRequests } from './stop-requests.ts';
import { within } from './within.ts';

/** `termGraceMs`: from SIGTERM to SIGKILL. */
type SupervisorTiming = WatchTiming & AskTiming & Readonly<{ termGraceMs: number }>;

type SupervisorOptions = Readonly<{
  planPath: string;
  /** Aborted: an early end is requested, as with SIGTERM or SIGINT. */
  signal?: AbortSignal;
  engines: (name: string) => Supervised | undefined;
  log: Log;
  timing?: SupervisorTiming;
}>;

const defaultTiming: SupervisorTiming = {
  ...watchTiming,
  requestStopMs: 60_000,
  stopGraceMs: maxStopGraceMs,
  termGraceMs: 30_000,
};

/**
 * Fires the plan, unless that has been done: `ENGINE_ALREADY_FIRED`. Throws only before the claim:
 * what goes wrong later is part of the exit, which is also in exit.json.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<Exit> {
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
  if (self === undefined) throw new Error('this process is not in /proc');
  // Once the claim is there, everything that was planned is there.
  await writePlannedFiles(plan, outputDir);
  if (!(await claimFiring(outputDir, { ...self, marker, firedAt: startedAt }))) {
    throw new OnagerError('ENGINE_ALREADY_FIRED', `already fired: ${planPath}`, {
      hint: 'a scenario is fired only once; fired.json next to the plan says by which process',
    });
  }
  log.info({ engine: plan.engine, argv: plan.argv }, 'fired');
  const end = await fire({ engine, plan, outputDir, marker, stop: stop.signal, log, timing });
  const exit = { startedAt, endedAt: new Date().toISOString(), ...end };
  await writeExit(outputDir, exit);
  log.info({ exit }, 'engine ended');
  return exit;
}

type Firing = Readonly<{
  engine: Supervised;
  plan: Plan;
  outputDir: string;
  marker: string;
  stop: AbortSignal;
  log: Log;
  timing: SupervisorTiming;
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
    // It may have started, and only writing its record failed.
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
  // In any case: the engine itself, if it still runs, and everything it left behind.
  const survivors = await endAll(run, { graceMs: timing.termGraceMs });
  // Node.js reports the end of a dead process sooner or later.
  const processEnd = await (survivors.length === 0 ? started.ended : within(started.ended, 1_000));
  await Promise.all([started.closeLogs(), generator.close()]);
  return { ...processEnd, ...why, ...unkillable(why, survivors) };
}

function unkillable(why: EndReason, survivors: readonly number[]): { detail?: string } {
  if (survivors.length === 0) return {};
  const sentence = `these processes could not be killed: ${survivors.join(', ')}`;
  return { detail: why.detail === undefined ? sentence : `${why.detail}; ${sentence}` };
}
