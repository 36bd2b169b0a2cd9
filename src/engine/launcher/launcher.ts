/** How the agent starts and ends a supervisor. All state is on disk, so a new agent can go on. */

import { dirname } from 'node:path';
import { OnagerError } from '../../errors.ts';
import { awaitedExit } from '../handover/exit-file.ts';
import type { Fired, FiredReader } from '../handover/process-file.ts';
import { isWithdrawn } from '../handover/withdrawal.ts';
import { writeLost } from './lost.ts';

/** `lost`: fired, but the supervisor is gone and has not recorded how the engine ended. */
type EngineStatus = 'not-fired' | 'running' | 'ended' | 'lost';

export type Launcher = Readonly<{
  status(outputDir: string): Promise<EngineStatus>;
  /**
   * Fires the plan unless that has been done, however long it takes. `withdrawn`: as was asked, and
   * nothing will fire it any more. The same is true where it throws `ENGINE_HOST_FAILED`.
   */
  start(planPath: string, options?: StartOptions): Promise<'fired' | 'withdrawn'>;
  /**
   * Asks for an early end and does not wait for it. Does nothing where nothing runs. Throws
   * `ENGINE_STOP_DENIED`.
   */
  stop(outputDir: string): Promise<void>;
  /**
   * Ends a supervisor that does not listen, and does not wait for it: then it is lost. Throws
   * `ENGINE_STOP_DENIED`.
   */
  kill(outputDir: string): Promise<void>;
  /**
   * Ends what a lost supervisor has left running, and writes its exit. Does nothing unless it is
   * lost. `more`: what else is known of its end.
   */
  reap(outputDir: string, more?: string): Promise<void>;
}>;

export type StartOptions = Readonly<{
  /** Aborted: no longer waits, and throws. A supervisor that is starting may still fire. */
  signal?: AbortSignal;
  /** Aborted: the plan is withdrawn, unless it is too late. */
  withdrawn?: AbortSignal;
  /** Called with why the last attempt failed, before the next. */
  onFailure?(why: string): void;
}>;

/** How one way to run a supervisor differs from another. */
type Way = Pick<Launcher, 'stop' | 'kill'> &
  Readonly<{
    /** Whether the supervisor that fired is still at work. */
    isRunning(fired: Fired): Promise<boolean>;
    /** For a plan that has been neither fired nor withdrawn. */
    fire(planPath: string, options: StartOptions): Promise<'fired' | 'withdrawn'>;
    /** Ends what a lost supervisor left running; returns what is known about its end, in words. */
    endLeftovers(outputDir: string, fired: Fired): Promise<string>;
  }>;

/** How often the launcher looks whether the supervisor has fired. */
export const firedEveryMs = 20;

export function launcherBy(way: Way, readFired: FiredReader): Launcher {
  async function status(outputDir: string): Promise<EngineStatus> {
    const fired = await readFired(outputDir);
    if (fired === undefined) return 'not-fired';
    // The supervisor decides: the engine can write an exit.json as well. Asked first, because one
    // that ends between the two questions has written its exit by then.
    if (await way.isRunning(fired)) return 'running';
    return (await awaitedExit(outputDir)) === undefined ? 'lost' : 'ended';
  }

  return {
    status,
    async start(planPath, options = {}) {
      const outputDir = dirname(planPath);
      if ((await readFired(outputDir)) !== undefined) return 'fired';
      if (isWithdrawn(outputDir)) throw takenBack(planPath);
      return await way.fire(planPath, options);
    },
    stop: way.stop,
    kill: way.kill,
    async reap(outputDir, more = '') {
      const fired = await readFired(outputDir);
      if (fired === undefined || (await status(outputDir)) !== 'lost') return;
      await writeLost(outputDir, fired, more, await way.endLeftovers(outputDir, fired));
    },
  };
}

/** An earlier agent withdrew the plan and could not record it in run.json. */
function takenBack(planPath: string): OnagerError {
  return new OnagerError('ENGINE_HOST_FAILED', `the plan was withdrawn: ${planPath}`, {
    hint: 'an earlier agent waited for the engine to start and gave up; agent.log says why',
  });
}
