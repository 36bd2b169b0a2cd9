/** Checks, once a run has ended, that the chunks sent are the files as they are now. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunFolder } from '../run/folder.ts';
import type { Chunk, ChunkedFile, Ledger } from './ledger.ts';
import { readRange, sha256Of } from './uploads.ts';

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
  for (const file of Object.values(data.chunked)) {
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
): Promise<Readonly<{ size: number; sha256: string }> | 'changed' | 'gone'> {
  const [only] = chunks;
  if (only?.object !== undefined && chunks.length === 1 && (await isUntouched(path, only))) {
    return { size: only.to, sha256: only.object.contentSha256 };
  }
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

/** Whether a file that is one chunk is still what it was when it was read: then it need not be read again. */
async function isUntouched(path: string, { to, object }: Chunk): Promise<boolean> {
  try {
    const { size, mtimeMs } = await stat(path);
    return size === to && mtimeMs === object?.modifiedMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
