/**
 * The rounds of publishing: changes while the run goes on, then everything, the manifest last.
 */

import type { Problem } from '../errors.ts';
import { createConfirmation } from './bucket/confirm.ts';
import { S3FailureError } from './bucket/s3-errors.ts';
import { placeManifest } from './manifest-upload.ts';
import type { PublishProgress } from './progress.ts';
import type { Route } from './route.ts';
import { readManifestEnd } from './run-end.ts';
import { jobsFor } from './sync.ts';
import { type Job, runJobs, type UploadPace } from './upload-queue.ts';
import { verifyChunked } from './verify.ts';

export type Publishing = Readonly<{
  route: Route;
  runId: string;
  bucketName: string;
  pace: UploadPace;
  progress: PublishProgress;
}>;

/** How often rewritten files are cut into chunks again. */
const maxRecuts = 3;

/**
 * Sends what has changed of state and growing files; a file that fails waits for the next round.
 */
export async function publishChanges(publishing: Publishing, signal: AbortSignal): Promise<void> {
  const { route } = publishing;
  if (route.ledger.data.sealed !== undefined) return;
  await upload(publishing, await jobsFor(route, ['state', 'grown']), signal, 'leave');
}

/** Sends everything that the bucket does not have yet, the manifest last. */
export async function publishRest(
  publishing: Publishing,
  signal: AbortSignal,
  beforeSeal: () => Promise<void>,
): Promise<void> {
  const { route, runId, bucketName, progress } = publishing;
  const { data } = route.ledger;
  if (data.sealed === undefined) await sealFiles(publishing, signal, beforeSeal);
  if (data.manifest === undefined) {
    const run = (abort: AbortSignal): Promise<void> => placeManifest(route, runId, abort);
    await upload(publishing, [{ key: 'manifest.json', run }], signal);
  }
  progress.onWhole(data.sealed?.seen === 'none' ? unseen(bucketName) : undefined);
  route.bucket.close();
}

/**
 * Everything but the manifest. The ledger is sealed then, so that the manifest is the same whenever
 * it is written.
 */
async function sealFiles(
  publishing: Publishing,
  signal: AbortSignal,
  beforeSeal: () => Promise<void>,
): Promise<void> {
  const { route } = publishing;
  const { folder, ledger, log, now } = route;
  for (let recuts = 0; recuts <= maxRecuts; recuts += 1) {
    await upload(publishing, await jobsFor(route, ['grown', 'whole']), signal);
    if (await verifyChunked(folder, ledger, log, signal)) break;
  }
  await upload(publishing, await jobsFor(route, ['state']), signal);
  await beforeSeal();
  await upload(publishing, await jobsFor(route, ['whole', 'state']), signal);
  const seen = await confirm(publishing, signal);
  const end = await readManifestEnd(folder);
  ledger.data.sealed = { createdAt: now().toISOString(), seen, ...end };
  await ledger.save();
}

/** Checks every object; `none`: the bucket does not let us see them. */
async function confirm(
  { route, pace, progress }: Publishing,
  signal: AbortSignal,
): Promise<'all' | 'none'> {
  const { jobs, end } = createConfirmation(route);
  await runJobs(jobs, { pace, signal, onFileFailure: 'retry', onProgress: progress.onCheck });
  try {
    const areSeen = await end();
    progress.setIncomplete(undefined);
    return areSeen ? 'all' : 'none';
  } catch (error) {
    if (error instanceof S3FailureError) progress.setIncomplete(error.failure.problem);
    throw error;
  }
}

async function upload(
  { route, pace, progress }: Publishing,
  jobs: readonly Job[],
  signal: AbortSignal,
  onFileFailure: 'retry' | 'leave' = 'retry',
): Promise<void> {
  try {
    await runJobs(jobs, { pace, signal, onFileFailure, onProgress: progress.onJob });
    if (jobs.length > 0) progress.onRoundEnd();
  } finally {
    await route.ledger.save();
  }
}

function unseen(bucket: string): Problem {
  return {
    code: 'BUCKET_UNSEEN',
    message: `the bucket "${bucket}" accepted everything, but does not let this role check that it is there`,
    hint: `allow s3:GetObject on arn:aws:s3:::${bucket}/*; it is needed to check the objects`,
  };
}
