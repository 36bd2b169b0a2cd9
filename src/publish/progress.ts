/**
 * Reports the progress of publishing: to the run's state, at most once a second while uploads go
 * on, and to the log.
 */

import type { Problem } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PublishInfo } from '../run/state.ts';
import { createErrorLog } from './bucket/error-log.ts';
import type { S3Failure } from './bucket/s3-errors.ts';

export type PublishProgress = Readonly<{
  info(): PublishInfo;
  /** A job has succeeded or failed; `left`: how many are left. */
  onJob(left: number, failure: S3Failure | undefined): void;
  /** The same, but a successful job is not an upload. */
  onCheck(left: number, failure: S3Failure | undefined): void;
  /** Every job has been tried. */
  onRoundEnd(): void;
  /**
   * Objects are missing, or not any more: that puts go well says nothing as long as they are.
   */
  setIncomplete(problem: Problem | undefined): void;
  /** Everything is in the bucket; `problem`: a remark about it all the same. */
  onWhole(problem: Problem | undefined): void;
  /** The time is up; `problem` is reported if nothing else is known. */
  onLate(problem: Problem): void;
}>;

/** The run's state is written at most this often. */
const tellEveryMs = 1_000;

export function createPublishProgress({
  to,
  log,
  now,
  onChange,
  counted,
}: Readonly<{
  to: string;
  log: Log;
  now(): Date;
  onChange(info: PublishInfo): void;
  /** What the bucket has; undefined while not known yet. */
  counted(): Pick<PublishInfo, 'objects' | 'bytes'> | undefined;
}>): PublishProgress {
  const errors = createErrorLog(log);
  let current: PublishInfo = { to, objects: 0, bytes: 0, pending: 0, whole: false };
  let toldAtMs = 0;
  let incomplete: Problem | undefined;

  /** `latest`: undefined once everything works again. */
  function tell(pending: number, latest: Problem | undefined): void {
    const problem = latest ?? incomplete;
    const isNews = problem?.code !== current.problem?.code || pending === 0;
    const { problem: _, ...rest } = current;
    current = { ...rest, pending, ...(problem === undefined ? {} : { problem }) };
    if (!isNews && now().getTime() - toldAtMs < tellEveryMs) return;
    toldAtMs = now().getTime();
    current = { ...current, ...counted() };
    onChange(current);
  }

  function onFailure(left: number, { problem }: S3Failure): void {
    errors.add(problem);
    tell(left, problem);
  }

  return {
    info: () => current,
    onJob(left, failure) {
      if (failure !== undefined) return onFailure(left, failure);
      current = { ...current, lastUploadAt: now().toISOString() };
      tell(left, undefined);
    },
    onCheck(left, failure) {
      if (failure !== undefined) onFailure(left, failure);
    },
    onRoundEnd: errors.endRound,
    setIncomplete(problem) {
      incomplete = problem;
    },
    onWhole(problem) {
      current = { ...current, whole: true };
      tell(0, problem);
      errors.endRound();
    },
    onLate(problem) {
      tell(Math.max(current.pending, 1), current.problem ?? problem);
      onChange(current);
    },
  };
}
