/**
 * Uploads several objects at a time and does not give up: failed uploads are retried, with a longer
 * delay each time.
 */

import { backOff, wait } from '../retry.ts';
import { fileFailure, type S3Failure, S3FailureError } from './bucket/s3-errors.ts';

export type Job = Readonly<{ key: string; run(signal: AbortSignal): Promise<void> }>;

/**
 * `random`: 0 to 1, shortens each delay (full jitter), so that many instances do not retry at once.
 */
export type UploadPace = Readonly<{
  parallel: number;
  firstMs: number;
  capMs: number;
  random(): number;
}>;

export type QueueOptions = Readonly<{
  pace: UploadPace;
  signal: AbortSignal;
  /**
   * `leave`: a job whose own file or object fails is tried only once, so that it does not hold up
   * the others.
   */
  onFileFailure: 'retry' | 'leave';
  /** Called after each job that succeeded, and with each that failed. */
  onProgress(left: number, fault: S3Failure | undefined): void;
}>;

/**
 * Ends when every job has gone well, or throws the signal's reason. Jobs are started in their
 * order. After a failure of the whole store no further job is started before the wait is over; any
 * success makes the waits short again.
 */
export async function runJobs(jobs: readonly Job[], options: QueueOptions): Promise<void> {
  const { pace, signal, onFileFailure } = options;
  let left: readonly Job[] = jobs;
  let delays = backOff({ ...pace, random: () => 0 });
  while (left.length > 0) {
    signal.throwIfAborted();
    const tried = await tryOnce(left, options);
    if (tried.left.length === 0 || (tried.isStoreFine && onFileFailure === 'leave')) return;
    if (tried.left.length < left.length) delays = backOff({ ...pace, random: () => 0 });
    left = tried.left;
    await wait(delays.next().value * pace.random(), signal);
  }
}

/**
 * Tries each job once, until one meets a failure of the whole store. `left`: those still to be
 * done, in order.
 */
async function tryOnce(
  jobs: readonly Job[],
  { pace, signal, onProgress }: QueueOptions,
): Promise<Readonly<{ left: readonly Job[]; isStoreFine: boolean }>> {
  const done = new Set<Job>();
  const queue = jobs.values();
  let isStoreFine = true;

  async function attempt(job: Job): Promise<S3Failure | undefined> {
    try {
      await job.run(signal);
      done.add(job);
      return undefined;
    } catch (error) {
      return error instanceof S3FailureError ? error.failure : fileFailure(error);
    }
  }

  async function work(): Promise<void> {
    while (isStoreFine && !signal.aborted) {
      const { value: job } = queue.next();
      if (job === undefined) return;
      const fault = await attempt(job);
      if (signal.aborted) return;
      if (fault?.scope === 'store') isStoreFine = false;
      onProgress(jobs.length - done.size, fault);
    }
  }

  await Promise.all(Array.from({ length: pace.parallel }, work));
  signal.throwIfAborted();
  return { left: jobs.filter((job) => !done.has(job)), isStoreFine };
}
