/** Writes a download to a file that appears only once it is complete and has the right hash. */

import { createHash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, OnagerError, type Problem, problemsOf } from '../../errors.ts';
import { syncFolder } from '../../files/files.ts';
import { redactUrl } from '../../redact.ts';
import { duringBody, type OpenedDownload, TransientError } from './faults.ts';

/** `lastProblem`: why the previous attempt failed. */
export type ReceiveProgress = Readonly<{
  attempt: number;
  receivedBytes: number;
  totalBytes?: number;
  lastProblem?: Problem;
}>;

export type Fetched = Readonly<{ bytes: number; sha256: string }>;

type ReceiveOptions = Readonly<{
  from: string;
  sha256?: string;
  maxBytes?: number;
  to: string;
  attempt: number;
  /** How the previous attempt ended. */
  last: OnagerError | undefined;
  onProgress?: (progress: ReceiveProgress) => void;
}>;

export async function receive(
  opened: OpenedDownload,
  options: ReceiveOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  const { from, sha256: wanted, to } = options;
  const file = await open(draftOf(to), 'w', 0o640);
  let fetched: Fetched;
  try {
    fetched = await copy(opened, file, options, signal);
    await file.sync();
  } catch (error) {
    opened.body.destroy();
    throw hasCode(error, 'ENOSPC') ? diskFull(error) : error;
  } finally {
    await file.close();
  }
  if (wanted !== undefined && wanted.toLowerCase() !== fetched.sha256) {
    throw new OnagerError(
      'SCENARIO_SHA256',
      `the scenario from ${redactUrl(from)} has the SHA-256 ${fetched.sha256}, not ${wanted.toLowerCase()}`,
      { hint: 'upload it again, or set scenario.sha256 to the SHA-256 of the uploaded file' },
    );
  }
  await rename(draftOf(to), to);
  await syncFolder(dirname(to));
  return fetched;
}

async function copy(
  { body, totalBytes }: OpenedDownload,
  file: FileHandle,
  { maxBytes = 512 * 1024 ** 2, attempt, last, onProgress }: ReceiveOptions,
  signal: AbortSignal,
): Promise<Fetched> {
  const [lastProblem] = last === undefined ? [] : problemsOf(last);
  const known = {
    attempt,
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(lastProblem === undefined ? {} : { lastProblem }),
  };
  if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLarge(totalBytes, maxBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  onProgress?.({ ...known, receivedBytes: 0 });
  for await (const chunk of duringBody(body)) {
    signal.throwIfAborted();
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
    hash.update(chunk);
    await file.appendFile(chunk);
    onProgress?.({ ...known, receivedBytes: bytes });
  }
  if (totalBytes !== undefined && bytes !== totalBytes) {
    throw new TransientError(`the answer ended after ${bytes} of ${totalBytes} bytes`);
  }
  return { bytes, sha256: hash.digest('hex') };
}

export function draftOf(to: string): string {
  return `${to}.draft`;
}

function tooLarge(bytes: number, maxBytes: number): OnagerError {
  const message = `the scenario has ${bytes} bytes or more, and at most ${maxBytes} are fetched`;
  return new OnagerError('SCENARIO_TOO_LARGE', message, {
    hint: 'leave out what the scenario does not need',
  });
}

function diskFull(cause: unknown): OnagerError {
  const hint = 'launch with a larger root volume';
  const message = 'the disk is too full for the scenario';
  return new OnagerError('SCENARIO_DISK_SPACE', message, { hint, cause });
}
