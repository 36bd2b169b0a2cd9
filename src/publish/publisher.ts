/** Publishes a run folder to S3: live while the run goes on, and at its end everything, the manifest last. */

import type { Problem } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { RunFolder } from '../run/folder.ts';
import type { PublishInfo } from '../run/state.ts';
import type { PublishSettings } from '../settings/settings.ts';
import { type CredentialsProvider, createStore, type Timeouts } from './bucket/bucket.ts';
import { createConfirmation } from './bucket/confirm.ts';
import { createFaultLog } from './bucket/error-log.ts';
import { type S3Failure, S3FailureError } from './bucket/s3-errors.ts';
import { countedIn, openLedger } from './ledger.ts';
import { outcomeIn, placeManifest } from './manifest-upload.ts';
import { jobsFor, type Route } from './sync.ts';
import { type Job, type Pace, runJobs } from './upload-queue.ts';
import { verifyChunked } from './verify.ts';

export type PublisherOptions = Readonly<{
  folder: RunFolder;
  runId: string;
  settings: PublishSettings;
  credentials: CredentialsProvider;
  /** The region of the instance, for a bucket whose settings name none. */
  defaultRegion?: string | undefined;
  log: Log;
  now?(): Date;
  /** Told of every change worth showing, at most once a second while uploads go on. */
  onChange(info: PublishInfo): void;
  liveEveryMs?: number;
  pace?: Partial<Pace>;
  timeouts?: Timeouts;
}>;

export type Publisher = Readonly<{
  /**
   * Keeps the bucket up to date until the signal is aborted, and resolves then. Never throws: what fails is told by
   * `onChange` and tried again.
   */
  live(signal: AbortSignal): Promise<void>;
  /**
   * Publishes everything, the manifest last. Ends by itself after `deadlineMs` at the latest, with a `problem` then; may
   * be called again, also after a restart, and goes on where it was. `beforeSeal` is called when all but the manifest is
   * in the bucket: what it changes in state and report is sent again. Throws the signal's reason only.
   */
  finish(signal: AbortSignal, options: FinishOptions): Promise<PublishInfo>;
  info(): PublishInfo;
}>;

export type FinishOptions = Readonly<{
  deadlineMs: number;
  beforeSeal?: (() => Promise<void>) | undefined;
}>;

/** Called as much as wanted, it tells at most this often. */
const tellEveryMs = 1_000;

/** How often files that turn out to have been rewritten are cut anew. */
const maxRecuts = 3;

/** The longest that a timer of Node.js waits. */
const maxTimeoutMs = 2 ** 31 - 1;

export function createPublisher(options: PublisherOptions): Publisher {
  const { folder, runId, settings, log, onChange } = options;
  const { now = () => new Date(), liveEveryMs = 10_000 } = options;
  const prefix = [settings.prefix, runId].filter((part) => part !== '').join('/');
  const to = `s3://${settings.bucket}/${prefix}`;
  const pace = { parallel: 8, firstMs: 200, capMs: 30_000, random: Math.random, ...options.pace };
  const store = createStore(options);
  const faults = createFaultLog(log);
  let route: Route | undefined;
  let current: PublishInfo = { to, objects: 0, bytes: 0, pending: 0, whole: false };
  let toldAtMs = 0;
  // That puts go well says nothing as long as objects are found missing.
  let incomplete: Problem | undefined;

  async function opened(): Promise<Route> {
    const ledger = route?.ledger ?? (await openLedger(folder.publishJson, to, log));
    route ??= { folder, prefix, store, ledger, log, now };
    return route;
  }

  function isIncomplete(error: unknown): never {
    if (error instanceof S3FailureError) incomplete = error.fault.problem;
    throw error;
  }

  /** `fault`: undefined where all goes well again. */
  function tell(pending: number, fault: Problem | undefined): void {
    const problem = fault ?? incomplete;
    const isNews = problem?.code !== current.problem?.code || pending === 0;
    const { problem: _, ...rest } = current;
    current = { ...rest, pending, ...(problem === undefined ? {} : { problem }) };
    if (!isNews && now().getTime() - toldAtMs < tellEveryMs) return;
    toldAtMs = now().getTime();
    if (route !== undefined) current = { ...current, ...countedIn(route.ledger.data) };
    onChange(current);
  }

  function onProgress(left: number, fault: S3Failure | undefined): void {
    if (fault === undefined) current = { ...current, lastUploadAt: now().toISOString() };
    else faults.fault(fault.problem);
    tell(left, fault?.problem);
  }

  function onFault(left: number, fault: S3Failure | undefined): void {
    if (fault !== undefined) onProgress(left, fault);
  }

  async function upload(
    { ledger }: Route,
    jobs: readonly Job[],
    signal: AbortSignal,
    onFileFaults: 'retry' | 'leave' = 'retry',
  ): Promise<void> {
    try {
      await runJobs(jobs, { pace, signal, onFileFaults, onProgress });
      if (jobs.length > 0) faults.round();
    } finally {
      await ledger.save();
    }
  }

  async function liveOnce(signal: AbortSignal): Promise<void> {
    const to = await opened();
    if (to.ledger.data.sealed !== undefined) return;
    await upload(to, await jobsFor(to, ['state', 'grown']), signal, 'leave');
  }

  /** Everything but the manifest. The ledger is sealed then, so that the manifest is the same whenever it is written. */
  async function finishFiles(
    to: Route,
    signal: AbortSignal,
    beforeSeal: () => Promise<void>,
  ): Promise<void> {
    for (let recuts = 0; recuts <= maxRecuts; recuts += 1) {
      await upload(to, await jobsFor(to, ['grown', 'whole']), signal);
      if (await verifyChunked(folder, to.ledger, log, signal)) break;
    }
    await upload(to, await jobsFor(to, ['state']), signal);
    await beforeSeal();
    await upload(to, await jobsFor(to, ['whole', 'state']), signal);
    const { jobs, end } = createConfirmation(to);
    await runJobs(jobs, { pace, signal, onFileFaults: 'retry', onProgress: onFault });
    const seen = (await end().catch(isIncomplete)) ? 'all' : 'none';
    incomplete = undefined;
    const outcome = await outcomeIn(folder.runJson);
    to.ledger.data.sealed = {
      createdAt: now().toISOString(),
      seen,
      ...(outcome === undefined ? {} : { outcome }),
    };
    await to.ledger.save();
  }

  async function finishAll(signal: AbortSignal, beforeSeal: () => Promise<void>): Promise<void> {
    const to = await opened();
    const { data } = to.ledger;
    if (data.sealed === undefined) await finishFiles(to, signal, beforeSeal);
    if (data.manifest === undefined) {
      const run = (abort: AbortSignal): Promise<void> => placeManifest(to, runId, abort);
      await upload(to, [{ key: 'manifest.json', run }], signal);
    }
    current = { ...current, whole: true };
    tell(0, data.sealed?.seen === 'none' ? unseen(settings.bucket) : undefined);
    faults.round();
    store.close();
  }

  return {
    async live(signal) {
      while (!signal.aborted) {
        try {
          await liveOnce(signal);
        } catch (error) {
          if (!signal.aborted) log.error({ err: error }, 'live publishing failed');
        }
        await wait(liveEveryMs, signal).catch(() => undefined);
      }
    },
    async finish(signal, { deadlineMs, beforeSeal = async () => undefined }) {
      const timeout = AbortSignal.timeout(Math.min(deadlineMs, maxTimeoutMs));
      const deadline = AbortSignal.any([signal, timeout]);
      const run = (abort: AbortSignal): Promise<void> => finishAll(abort, beforeSeal);
      try {
        // A queue of its own, so that a failure to read what there is to upload is told and tried again as well.
        const queue = { pace, signal: deadline, onFileFaults: 'retry' as const };
        await runJobs([{ key: prefix, run }], { ...queue, onProgress: onFault });
      } catch (error) {
        signal.throwIfAborted();
        if (!timeout.aborted) throw error;
        tell(Math.max(current.pending, 1), current.problem ?? lateProblem(to, deadlineMs));
        onChange(current);
      }
      return current;
    },
    info: () => current,
  };
}

function unseen(bucket: string): Problem {
  return {
    code: 'BUCKET_UNSEEN',
    message: `the bucket "${bucket}" has taken everything, but does not let this role see whether it is there`,
    hint: `allow s3:GetObject on arn:aws:s3:::${bucket}/*; it is needed to look at the objects`,
  };
}

function lateProblem(to: string, deadlineMs: number): Problem {
  return {
    code: 'PUBLISH_DEADLINE',
    message: `not everything was published to ${to} within ${deadlineMs / 1_000} s`,
    hint: 'the results are still on the instance: see its page',
  };
}
