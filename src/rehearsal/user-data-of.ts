/** What would be handed to `run-instances` for a scenario folder or a file. */

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { hasCode, OnagerError } from '../errors.ts';
import { grouped } from '../grouped.ts';
import { maxUserDataBytes, packScenario, settingsForm } from '../scenario/pack.ts';

/** A file is taken as it is. A folder is packed; where the zip is too large for user-data, `oversize` is that zip. */
export type Launch = Readonly<{ userData: Buffer; oversize?: Buffer }>;

/**
 * `bucket`: where a zip that is too large would be found.
 *
 * @throws OnagerError SOURCE_MISSING, SOURCE_UNREADABLE, PACK_EMPTY, ZIP_TOO_LARGE, ZIP_TOO_MANY_FILES, USER_DATA_OVER_16K
 */
export async function userDataOf(
  source: string,
  { bucket, signal }: Readonly<{ bucket: string; signal: AbortSignal }>,
): Promise<Launch> {
  try {
    const stats = await stat(source);
    if (stats.isFile()) return { userData: await readBounded(source) };
    if (!stats.isDirectory()) return { userData: await readOpen(source, stats, signal) };
    const { zip } = await packScenario(source, signal);
    if (zip.byteLength <= maxUserDataBytes) return { userData: zip };
    const sha256 = createHash('sha256').update(zip).digest('hex');
    return { userData: Buffer.from(settingsForm({ sha256, bucket })), oversize: zip };
  } catch (error) {
    signal.throwIfAborted();
    throw sourceUnreadable(source, error);
  }
}

/** Instance tags that set variables of the scenario. */
export function varTags(vars: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [`onager:vars.${name}`, value]),
  );
}

// Of a file that is too large no more is read than it takes to know.
async function readBounded(path: string): Promise<Buffer> {
  await using file = await open(path);
  const bytes = Buffer.alloc(maxUserDataBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length);
    length += bytesRead;
    if (length > maxUserDataBytes) throw tooLarge(Math.max(length, (await file.stat()).size));
    if (bytesRead === 0) return bytes.subarray(0, length);
  }
}

/**
 * What is open already, such as `/dev/stdin`, can be read to its end. Opening a pipe by its name would wait for
 * somebody to write to it, and a device may never end.
 */
async function readOpen(path: string, stats: Stats, signal: AbortSignal): Promise<Buffer> {
  const fd = openDescriptor(path);
  const isTerminal = fd !== undefined && isatty(fd);
  if (fd === undefined || !(isTerminal || stats.isFIFO() || stats.isSocket())) {
    throw new OnagerError('SOURCE_UNREADABLE', `"${path}" is neither a file nor a folder`, {
      hint: 'name a scenario folder or a file; a pipe can be read as /dev/stdin',
    });
  }
  const stream = isTerminal ? new ReadStream(fd) : new Socket({ fd, readable: true });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of addAbortSignal(signal, stream)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxUserDataBytes) throw tooLarge(undefined);
  }
  return Buffer.concat(chunks);
}

function openDescriptor(path: string): number | undefined {
  if (path === '/dev/stdin') return 0;
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,6})$/.exec(path) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function tooLarge(size: number | undefined): OnagerError {
  const limit = grouped(maxUserDataBytes);
  const has = size === undefined ? `more than ${limit}` : grouped(size);
  return new OnagerError(
    'USER_DATA_OVER_16K',
    `it has ${has} bytes, and EC2 takes ${limit} as user-data`,
    {
      hint: 'put the zip into a bucket and launch with settings that name it: onager pack writes them',
    },
  );
}

/** In words: why a scenario cannot be read. */
export function sourceUnreadable(source: string, cause: unknown): OnagerError {
  if (cause instanceof OnagerError) return cause;
  if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) {
    return new OnagerError('SOURCE_MISSING', `there is no file or folder "${source}"`, {
      hint: 'name a scenario folder, its zip, a tsung.xml, or a file with settings',
      cause,
    });
  }
  const words = cause instanceof Error ? cause.message : String(cause);
  return new OnagerError('SOURCE_UNREADABLE', `cannot read "${source}": ${words}`, {
    hint: 'name a scenario folder or a file that you may read; of a folder every file must be so',
    cause,
  });
}
