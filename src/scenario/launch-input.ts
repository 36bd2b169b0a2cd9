/** The user-data that `run-instances` would be given for a scenario folder or file. */

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { hasCode, messageOf, OnagerError, type Problem, ProblemsError } from '../errors.ts';
import { formatInteger } from '../text.ts';
import { firstText, isXml } from '../user-data/xml-and-text.ts';
import { maxUserDataBytes, packScenario, packXml, settingsForm } from './pack.ts';

/** How much of a file is read at most. */
const maxSourceBytes = 64 * 1024 ** 2;

/** A file is used as it is; a folder is packed. `oversize`: a zip too large for user-data. */
type Launch = Readonly<{ userData: Buffer; oversize?: Buffer }>;

type Options = Readonly<{ bucket: string; signal: AbortSignal }>;

/**
 * `bucket`: where a zip that is too large would be found.
 *
 * @throws OnagerError as `judgedUserDataOf`, and USER_DATA_OVER_16K
 */
export async function userDataOf(source: string, options: Options): Promise<Launch> {
  const { problem, ...launch } = await judgedUserDataOf(source, options);
  if (problem !== undefined) throw new ProblemsError([problem]);
  return launch;
}

/**
 * The same for callers that go on to look for other problems. `problem`: why EC2 would refuse it.
 *
 * @throws OnagerError SOURCE_MISSING, SOURCE_EMPTY, SOURCE_UNREADABLE, PACK_EMPTY, ZIP_TOO_LARGE,
 * ZIP_TOO_MANY_FILES; USER_DATA_OVER_16K where it is too large to look at
 */
export async function judgedUserDataOf(
  source: string,
  { bucket, signal }: Options,
): Promise<Launch & Readonly<{ problem?: Problem }>> {
  try {
    const stats = await stat(source);
    if (!stats.isDirectory()) {
      const userData = stats.isFile()
        ? await readSource(source)
        : await readOpen(source, stats, signal);
      refuseEmpty(source, userData);
      if (userData.byteLength <= maxUserDataBytes) return { userData };
      return { userData, problem: await overProblem(source, userData, signal) };
    }
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

/** Stops reading as soon as a file is known to be too large. */
export async function readSource(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size > maxSourceBytes) throw new ProblemsError([tooLarge(size)]);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, end: maxSourceBytes })) {
    chunks.push(chunk);
    length += chunk.length;
  }
  if (length > maxSourceBytes) throw new ProblemsError([tooLarge(undefined)]);
  return Buffer.concat(chunks);
}

/** An instance without user-data is idle, but an empty file is a mistake. */
export function refuseEmpty(source: string, bytes: Buffer): void {
  if (firstText(bytes) !== '') return;
  throw new OnagerError('SOURCE_EMPTY', `"${source}" is empty`, {
    hint: 'save the scenario into it, or check the program that should have written it',
  });
}

/** XML becomes a fraction of its size in a zip. */
async function overProblem(source: string, bytes: Buffer, signal: AbortSignal): Promise<Problem> {
  const problem = tooLarge(bytes.byteLength);
  if (!isXml(firstText(bytes))) return problem;
  const { zip } = await packXml(source, bytes, signal);
  const size = formatInteger(zip.byteLength);
  if (zip.byteLength > maxUserDataBytes) return problem;
  return { ...problem, hint: `zip it: it has ${size} bytes then (onager pack ${source})` };
}

/**
 * Reads what is open already, such as `/dev/stdin`, to its end. Opening a named pipe would wait for
 * a writer, and a device may never end.
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
    // Only XML is read further: it may fit as a zip, and can be checked for other problems.
    const limit = isXml(firstText(chunks[0] ?? chunk)) ? maxSourceBytes : maxUserDataBytes;
    if (length > limit) throw new ProblemsError([tooLarge(undefined, limit)]);
  }
  return Buffer.concat(chunks);
}

function openDescriptor(path: string): number | undefined {
  if (path === '/dev/stdin') return 0;
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,6})$/.exec(path) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** `size` undefined: it was read up to `lookedAt`. */
function tooLarge(size: number | undefined, lookedAt = maxSourceBytes): Problem {
  const limit = formatInteger(maxUserDataBytes);
  const has = size === undefined ? `more than ${formatInteger(lookedAt)}` : formatInteger(size);
  return {
    code: 'USER_DATA_OVER_16K',
    message: `it has ${has} bytes, and EC2 takes ${limit} as user-data`,
    hint: 'put the zip into a bucket and launch with settings that name it: onager pack writes them',
  };
}

/** Explains why a scenario cannot be read. */
export function sourceUnreadable(source: string, cause: unknown): OnagerError {
  if (cause instanceof OnagerError) return cause;
  if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) {
    return new OnagerError('SOURCE_MISSING', `there is no file or folder "${source}"`, {
      hint: 'name a scenario folder, its zip, a tsung.xml, or a file with settings',
      cause,
    });
  }
  const words = messageOf(cause);
  return new OnagerError('SOURCE_UNREADABLE', `cannot read "${source}": ${words}`, {
    hint: 'name a scenario folder or a file that you may read; in a folder, every file must be readable',
    cause,
  });
}
