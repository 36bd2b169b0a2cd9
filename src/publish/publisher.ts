/**
 * Publishes a run folder to S3: live while the run goes on, and everything at its end, the manifest
 * last.
 */

import type { CredentialsProvider } from '../aws/credentials.ts';
import type { Problem } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { RunFolder } from '../run/folder.ts';
import type { PublishInfo } from '../run/state.ts';
import type { PublishSettings } from '../settings/settings.ts';
import { openBucket } from './bucket/bucket.ts';
import type { S3Timeouts } from './bucket/connection.ts';
import { type Publishing, publishChanges, publishRest } from './finish.ts';
import { countedIn, openLedger } from './ledger.ts';
import { createPublishProgress } from './progress.ts';
import type { Route } from './route.ts';
import { runJobs, type UploadPace } from './upload-queue.ts';

export type PublisherOptions = Readonly<{
  folder: RunFolder;
  runId: string;
  settings: PublishSettings;
  credentials: CredentialsProvider;
  /** The region of the instance, for a bucket whose settings name none. */
  defaultRegion?: string | undefined;
  log: Log;
  now?(): Date;
  /** Called with every change worth showing, at most once a second while uploads go on. */
  onChange(info: PublishInfo): void;
  liveEveryMs?: number;
  pace?: Partial<UploadPace>;
  timeouts?: S3Timeouts;
}>;

type Publisher = Readonly<{
  /**
   * Keeps the bucket up to date until the signal is aborted, and resolves then. Never throws: what
   * fails is reported by `onChange` and tried again.
   */
  live(signal: AbortSignal): Promise<void>;
  /**
   * Publishes everything, the manifest last. Ends by itself after `deadlineMs` at the latest, with
   * a `problem` then; may be called again, also after a restart, and goes on where it was.
   * `beforeSeal` is called when all but the manifest is in the bucket: what it changes in state and
   * report is sent again. Throws the signal's reason only.
   */
  finish(signal: AbortSignal, options: FinishOptions): Promise<PublishInfo>;
  info(): PublishInfo;
}>;

type FinishOptions = Readonly<{
  deadlineMs: number;
  beforeSeal?: (() => Promise<void>) | undefined;
}>;

/** The longest delay of a Node.js timer. */
const maxTimeoutMs = 2 ** 31 - 1;

export function createPublisher(options: PublisherOptions): Publisher {
  const { folder, runId, settings, log, onChange } = options;
  const { now = () => new Date(), liveEveryMs = 10_000 } = options;
  const prefix = [settings.prefix, runId].filter((part) => part !== '').join('/');
  const to = `s3://${settings.bucket}/${prefix}`;
  const pace = { parallel: 8, firstMs: 200, capMs: 30_000, random: Math.random, ...options.pace };
  const bucket = openBucket(options);
  let route: Route | undefined;
  const counted = () => (route === undefined ? undefined : countedIn(route.ledger.data));
  const progress = createPublishProgress({ to, log, now, onChange, counted });

  async function open(): Promise<Publishing> {
    const ledger = route?.ledger ?? (await openLedger(folder.publishJson, to, log));
    route ??= { folder, prefix, bucket, ledger, log, now };
    return { route, runId, bucketName: settings.bucket, pace, progress };
  }

  return {
    async live(signal) {
      while (!signal.aborted) {
        try {
          await publishChanges(await open(), signal);
        } catch (error) {
          if (!signal.aborted) log.error({ err: error }, 'live publishing failed');
        }
        await wait(liveEveryMs, signal).catch(() => undefined);
      }
    },
    async finish(signal, { deadlineMs, beforeSeal = async () => undefined }) {
      const timeout = AbortSignal.timeout(Math.min(deadlineMs, maxTimeoutMs));
      const deadline = AbortSignal.any([signal, timeout]);
      const run = async (abort: AbortSignal): Promise<void> => {
        await publishRest(await open(), abort, beforeSeal);
      };
      try {
        // A separate queue, so that a failure to read the run folder is also reported and retried.
        const queue = { pace, signal: deadline, onFileFailure: 'retry' as const };
        await runJobs([{ key: prefix, run }], { ...queue, onProgress: progress.onCheck });
      } catch (error) {
        signal.throwIfAborted();
        if (!timeout.aborted) throw error;
        progress.onLate(lateProblem(to, deadlineMs));
      }
      return progress.info();
    },
    info: progress.info,
  };
}

function lateProblem(to: string, deadlineMs: number): Problem {
  return {
    code: 'PUBLISH_DEADLINE',
    message: `not everything was published to ${to} within ${deadlineMs / 1_000} s`,
    hint: 'the results are still on the instance: see its page',
  };
}
