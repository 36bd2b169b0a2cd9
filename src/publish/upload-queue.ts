/** Uploads many objects at once and does not give up: what failed waits, longer each time, and is tried again. */

import { backOff, wait } from '../retry.ts';
import { type Fault, FaultError, fileFault } from './faults.ts';

export type Job = Readonly<{ key: string; run(signal: AbortSignal): Promise<void> }>;

/** `random`: 0 to 1, shortens each delay (full jitter), so that many instances do not come back at once. */
export type Pace = Readonly<{
  parallel: number;
  firstMs: number;
  capMs: number;
  random(): number;
}>;

export type QueueOptions = Readonly<{
  pace: Pace;
  signal: AbortSignal;
  /** Called after each job that went well, and with each that did not. */
  onProgress(left: number, fault: Fault | undefined): void;
}>;

/**
 * Ends when every job has gone well, or throws the signal's reason. Jobs are started in their order. After a fault of
 * the whole store no further job is started before the wait is over; any success makes the waits short again.
 */
export async function runJobs(
  jobs: readonly Job[],
  { pace, signal, onProgress }: QueueOptions,
): Promise<void> {
  let left: readonly Job[] = jobs;
  let delays = backOff({ ...pace, random: () => 0 });
  while (left.length > 0) {
    signal.throwIfAborted();
    const before = left.length;
    left = await round(left, { pace, signal, onProgress });
    if (left.length === 0) return;
    if (left.length < before) delays = backOff({ ...pace, random: () => 0 });
    await wait(delays.next().value * pace.random(), signal);
  }
}

/** Tries jobs once each, until one meets a fault of the whole store; gives those that are still to be done, in order. */
async function round(
  jobs: readonly Job[],
  { pace, signal, onProgress }: QueueOptions,
): Promise<readonly Job[]> {
  const done = new Set<Job>();
  const queue = jobs.values();
  let isStoreFine = true;

  async function tried(job: Job): Promise<Fault | undefined> {
    try {
      await job.run(signal);
      done.add(job);
      return undefined;
    } catch (error) {
      return error instanceof FaultError ? error.fault : fileFault(error);
    }
  }

  async function work(): Promise<void> {
    while (isStoreFine && !signal.aborted) {
      const { value: job } = queue.next();
      if (job === undefined) return;
      const fault = await tried(job);
      if (signal.aborted) return;
      if (fault?.scope === 'store') isStoreFine = false;
      onProgress(jobs.length - done.size, fault);
    }
  }

  await Promise.all(Array.from({ length: pace.parallel }, work));
  signal.throwIfAborted();
  return jobs.filter((job) => !done.has(job));
}
