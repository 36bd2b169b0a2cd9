/** Checks, once a run has ended, that the uploaded chunks match the files. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { nothingIfRefused, openUntrusted } from '../files/untrusted-file.ts';
import type { Log } from '../log.ts';
import type { RunFolder } from '../run/folder.ts';
import type { ChunkedFile, Ledger } from './ledger.ts';
import { readRange, sha256Of } from './uploads.ts';

type Sum = Readonly<{ size: number; sha256: string }>;

/**
 * Fills in the sums of whole files. A file that was rewritten instead of appended to is forgotten,
 * to be cut again under unused names; false: there was such a file.
 */
export async function verifyChunked(
  folder: RunFolder,
  { data, save }: Ledger,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  let areAllSame = true;
  for (const [key, file] of Object.entries(data.chunked)) {
    signal.throwIfAborted();
    const whole = await wholeOf(join(folder.root, file.source), file, signal);
    if (whole === 'gone') {
      log.warn({ source: file.source }, 'a partly published file is gone, left out');
      delete data.chunked[key];
    } else if (whole === 'changed') {
      log.warn({ source: file.source }, 'a file was rewritten, published again');
      delete file.whole;
      file.chunks = [];
      areAllSame = false;
    } else {
      file.whole = whole;
    }
  }
  await save();
  return areAllSame;
}

async function wholeOf(
  path: string,
  { chunks }: ChunkedFile,
  signal: AbortSignal,
): Promise<Sum | 'changed' | 'gone'> {
  // What is refused in its place is reported where the run's files are listed.
  const opened = await openUntrusted(path).catch(nothingIfRefused);
  if (opened === undefined) return 'gone';
  await using handle = opened.handle;
  const [only, ...others] = chunks;
  // A file of one chunk that has not been touched since it was read need not be read again.
  if (only?.object !== undefined && others.length === 0) {
    const isUntouched = opened.bytes === only.to && opened.modifiedMs === only.object.modifiedMs;
    if (isUntouched) return { size: only.to, sha256: only.object.contentSha256 };
  }
  const hash = createHash('sha256');
  for (const { from, to, object } of chunks) {
    signal.throwIfAborted();
    const content = await readRange(handle, from, to);
    if (sha256Of(content) !== object?.contentSha256) return 'changed';
    hash.update(content);
  }
  return { size: chunks.at(-1)?.to ?? 0, sha256: hash.digest('hex') };
}
