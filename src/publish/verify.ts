/** Checks, once a run has ended, that the chunks sent are the files as they are now. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunFolder } from '../run/folder.ts';
import type { ChunkedFile, Ledger } from './ledger.ts';
import { readRange, sha256Of } from './uploads.ts';

type Sum = Readonly<{ size: number; sha256: string }>;

/**
 * Fills in the sums of whole files. A file that was rewritten instead of appended to is forgotten, to be cut anew under
 * names not used yet; false: there was such a file.
 */
export async function verifyChunked(
  folder: RunFolder,
  { data, save }: Ledger,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  let areAllSame = true;
  await Promise.all(
    Object.values(data.chunked).map(async (file) => {
      const whole = await knownWhole(join(folder.root, file.source), file);
      if (whole === undefined) delete file.whole;
      else file.whole = whole;
    }),
  );
  for (const file of Object.values(data.chunked)) {
    if (file.whole !== undefined) continue;
    signal.throwIfAborted();
    const whole = await wholeOf(join(folder.root, file.source), file, signal);
    if (whole === 'gone') continue;
    if (whole === 'changed') {
      log.warn({ source: file.source }, 'file was rewritten, published anew');
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
  const hash = createHash('sha256');
  for (const { from, to, object } of chunks) {
    signal.throwIfAborted();
    try {
      const { content } = await readRange(path, from, to);
      if (sha256Of(content) !== object?.contentSha256) return 'changed';
      hash.update(content);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'gone';
      throw error;
    }
  }
  return { size: chunks.at(-1)?.to ?? 0, sha256: hash.digest('hex') };
}

/** The sum of a file that is one chunk and still what it was when it was read: it need not be read again. */
async function knownWhole(
  path: string,
  { chunks: [only, ...others] }: ChunkedFile,
): Promise<Sum | undefined> {
  if (only?.object === undefined || others.length > 0) return undefined;
  try {
    const { size, mtimeMs } = await stat(path);
    const isUntouched = size === only.to && mtimeMs === only.object.modifiedMs;
    return isUntouched ? { size, sha256: only.object.contentSha256 } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
