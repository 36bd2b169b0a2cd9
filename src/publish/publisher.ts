/** Publishes a run folder to S3: live while the run goes on, and at its end everything, the manifest last. */

import type { Problem } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { RunFolder } from '../run/folder.ts';
import type { PublishInfo } from '../run/state.ts';
import type { PublishSettings } from '../user-data/settings.ts';
import { chunkKey, cut } from './chunks.ts';
import type { Fault } from './faults.ts';
import { type PublishableFile, publishableFiles } from './layout.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { outcomeIn, placeManifest } from './manifest-upload.ts';
import { type CredentialsProvider, createStore, type Timeouts } from './store.ts';
import { type Job, type Pace, runJobs } from './upload-queue.ts';
import { createUploads } from './uploads.ts';
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
   * in the bucket: what it changes in state and report is sent again. Throws what it throws, or the signal's reason.
   */
  finish(
    signal: AbortSignal,
    options: Readonly<{ deadlineMs: number; beforeSeal?: (() => Promise<void>) | undefined }>,
  ): Promise<PublishInfo>;
  info(): PublishInfo;
}>;

/** How often files that turn out to have been rewritten are cut anew. */
const maxRecuts = 3;

/** The longest that a timer of Node.js waits. */
const maxTimeoutMs = 2 ** 31 - 1;

export function createPublisher({
  folder,
  runId,
  settings,
  credentials,
  defaultRegion,
  log,
  now = () => new Date(),
  onChange,
  liveEveryMs = 10_000,
  pace: paceChanges = {},
  timeouts,
}: PublisherOptions): Publisher {
  const prefix = [settings.prefix, runId].filter((part) => part !== '').join('/');
  const to = `s3://${settings.bucket}/${prefix}`;
  const pace: Pace = {
    parallel: 8,
    firstMs: 200,
    capMs: 30_000,
    random: Math.random,
    ...paceChanges,
  };
  const store = createStore({
    settings,
    credentials,
    defaultRegion,
    log,
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  let ledger: Promise<Ledger> | undefined;
  let current: PublishInfo = { to, objects: 0, bytes: 0, pending: 0, whole: false };
  let toldAtMs = 0;

  function opened(): Promise<Ledger> {
    ledger ??= openLedger(folder.publishJson, to, log);
    return ledger;
  }

  /** `problem`: undefined where all goes well again. */
  function tell({ data }: Ledger, pending: number, problem: Problem | undefined): void {
    const isNews = problem?.code !== current.problem?.code || pending === 0;
    const { problem: _, ...rest } = current;
    current = { ...rest, pending, ...(problem === undefined ? {} : { problem }) };
    if (!isNews && now().getTime() - toldAtMs < 1_000) return;
    toldAtMs = now().getTime();
    current = { ...current, ...countedIn(data) };
    onChange(current);
  }

  async function upload(at: Ledger, jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    const onProgress = (left: number, fault: Fault | undefined): void => {
      if (fault === undefined) {
        current = { ...current, lastUploadAt: now().toISOString() };
      } else {
        log.warn({ problem: fault.problem }, 'upload failed');
      }
      tell(at, left, fault?.problem);
    };
    await runJobs(jobs, { pace, signal, onProgress });
    await at.save();
  }

  /** Cuts what has grown and writes the cuts down, so that a restart sends the same bytes under the same names. */
  async function cutGrown(at: Ledger, files: readonly PublishableFile[]): Promise<void> {
    let hasNew = false;
    for (const { key, source, as, bytes } of files) {
      if (as !== 'grown') continue;
      at.data.chunked[key] ??= { source, nextSeq: 1, chunks: [] };
      const file = at.data.chunked[key];
      for (const range of cut(file.chunks.at(-1)?.to ?? 0, bytes)) {
        file.chunks.push({ seq: file.nextSeq, ...range });
        file.nextSeq += 1;
        hasNew = true;
      }
    }
    if (hasNew) await at.save();
  }

  function chunkJobs(at: Ledger): readonly Job[] {
    const uploads = createUploads({ folder, prefix, store, ledger: at, now, log });
    return Object.entries(at.data.chunked).flatMap(([key, file]) =>
      file.chunks
        .filter(({ object }) => object === undefined)
        .map((chunk) => ({
          key: chunkKey(key, chunk.seq),
          run: (signal) => uploads.chunk(key, file, chunk, signal),
        })),
    );
  }

  function wholeJobs(
    at: Ledger,
    files: readonly PublishableFile[],
    as: PublishableFile['as'],
  ): readonly Job[] {
    const uploads = createUploads({ folder, prefix, store, ledger: at, now, log });
    return files
      .filter((file) => file.as === as)
      .map((file) => ({ key: file.key, run: (signal) => uploads.whole(file, signal) }));
  }

  async function liveOnce(signal: AbortSignal): Promise<void> {
    const at = await opened();
    if (at.data.sealed !== undefined) return;
    const files = await publishableFiles(folder);
    await cutGrown(at, files);
    await upload(at, [...wholeJobs(at, files, 'state'), ...chunkJobs(at)], signal);
    tell(at, 0, undefined);
  }

  /** Everything but the manifest; afterwards the ledger is sealed, so that the manifest is the same whenever it is written. */
  async function finishFiles(
    at: Ledger,
    signal: AbortSignal,
    beforeSeal: () => Promise<void>,
  ): Promise<void> {
    for (let recuts = 0; recuts <= maxRecuts; recuts += 1) {
      const files = await publishableFiles(folder);
      await cutGrown(at, files);
      await upload(at, [...chunkJobs(at), ...wholeJobs(at, files, 'whole')], signal);
      if (await verifyChunked(folder, at, log, signal)) break;
    }
    await upload(at, wholeJobs(at, await publishableFiles(folder), 'state'), signal);
    await beforeSeal();
    const files = await publishableFiles(folder);
    const again = [...wholeJobs(at, files, 'whole'), ...wholeJobs(at, files, 'state')];
    await upload(at, again, signal);
    const outcome = await outcomeIn(folder.runJson);
    at.data.sealed = {
      createdAt: now().toISOString(),
      ...(outcome === undefined ? {} : { outcome }),
    };
    await at.save();
  }

  async function finishAll(
    at: Ledger,
    signal: AbortSignal,
    beforeSeal: () => Promise<void>,
  ): Promise<void> {
    if (at.data.sealed === undefined) await finishFiles(at, signal, beforeSeal);
    const run = (abort: AbortSignal): Promise<void> =>
      placeManifest({ runId, prefix, store, ledger: at, log }, abort);
    if (at.data.manifest === undefined) await upload(at, [{ key: 'manifest.json', run }], signal);
    current = { ...current, whole: true };
    tell(at, 0, undefined);
    store.close();
  }

  return {
    async live(signal) {
      while (!signal.aborted) {
        try {
          await liveOnce(signal);
          await wait(liveEveryMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          log.error({ err: error }, 'live publishing failed');
          await wait(liveEveryMs, signal).catch(() => undefined);
        }
      }
    },
    async finish(signal, { deadlineMs, beforeSeal = async () => undefined }) {
      const timeout = AbortSignal.timeout(Math.min(deadlineMs, maxTimeoutMs));
      const deadline = AbortSignal.any([signal, timeout]);
      const at = await opened();
      try {
        await finishAll(at, deadline, beforeSeal);
      } catch (error) {
        signal.throwIfAborted();
        if (error !== deadline.reason) throw error;
        await at.save();
        const late: Problem = {
          code: 'PUBLISH_DEADLINE',
          message: `not everything was published to ${to} within ${deadlineMs / 1_000} s`,
          hint: 'the results are still on the instance: see its page',
        };
        tell(at, Math.max(current.pending, 1), current.problem ?? late);
        onChange(current);
      }
      return current;
    },
    info: () => current,
  };
}

/** Objects that the bucket has, and their bytes. */
function countedIn({ objects, chunked, manifest }: Ledger['data']): {
  objects: number;
  bytes: number;
} {
  const sizes = [
    ...Object.values(objects).map(({ size }) => size),
    ...Object.values(chunked).flatMap(({ chunks }) =>
      chunks.flatMap(({ object }) => (object === undefined ? [] : [object.size])),
    ),
    ...(manifest === undefined ? [] : [manifest.size]),
  ];
  return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
