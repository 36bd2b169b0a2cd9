/**
 * Opens files in a folder where another user's program may have put anything in their place.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode, OnagerError } from '../errors.ts';

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** Does not wait for the other end of a pipe, and follows no link. */
const carefully = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const readFlags = O_RDONLY | carefully;

/** For whoever appends to a file in such a folder. */
export const appendFlags = O_APPEND | O_CREAT | O_WRONLY | carefully;

/** Something other than a plain file, which is not read. `reason`: what is wrong with it. */
export class RefusedFile extends OnagerError {
  readonly reason: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super('ENGINE_FILE_REFUSED', `${path} is not read: ${reason}`, {
      hint: 'the scenario, or a program that it runs, may have put it there: look at it with ls -la',
      where: path,
      cause,
    });
    this.reason = reason;
  }
}

/** For a catch: treats what was refused like a missing file. */
export function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof RefusedFile)) throw error;
}

export type Opened = Readonly<{ handle: FileHandle; bytes: number; modifiedMs: number }>;
export type OpenedSync = Readonly<{ fd: number; bytes: number; modifiedMs: number }>;

/**
 * `claimed`: a second name is allowed, because a claim is made by one; the caller must not show the
 * file's content then.
 */
export type OpenOptions = Readonly<{ claimed?: boolean }>;

/**
 * Undefined where nothing is there. Throws RefusedFile. The path must be canonical, apart from what
 * others may have changed since.
 */
export async function openUntrusted(path: string): Promise<Opened | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const handle = await open(path, readFlags).catch((error: unknown) => notOpened(path, error));
    if (handle === undefined) return undefined;
    let opened: OpenedSync | undefined;
    try {
      opened = judged(path, handle.fd, attempt, {});
    } finally {
      if (opened === undefined) await handle.close();
    }
    if (opened !== undefined) return { ...opened, handle };
  }
}

/** The same, synchronously, for callers that cannot wait or look often. */
export function openUntrustedSync(path: string, options: OpenOptions = {}): OpenedSync | undefined {
  for (let attempt = 1; ; attempt += 1) {
    let fd: number;
    try {
      fd = openSync(path, readFlags);
    } catch (error) {
      return notOpened(path, error);
    }
    let opened: OpenedSync | undefined;
    try {
      opened = judged(path, fd, attempt, options);
    } finally {
      if (opened === undefined) closeSync(fd);
    }
    if (opened !== undefined) return opened;
  }
}

/** Whether a plain file is there; asked often, so it opens nothing. */
export function isPlainFile(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

/** How often a file that is replaced while it is examined is opened again. */
const maxAttempts = 5;
/** A file that is longer than its disk blocks by this factor is nearly all hole. */
const maxHoleRatio = 16;
const maxHoleBytes = 256 * 1024 ** 2;

/** Undefined: the path names another file now, which has to be opened. */
function judged(
  path: string,
  fd: number,
  attempt: number,
  { claimed = false }: OpenOptions,
): OpenedSync | undefined {
  const stats = fstatSync(fd);
  const { blocks, mtimeMs: modifiedMs, nlink, size: bytes } = stats;
  if (stats.isDirectory()) throw new RefusedFile(path, 'it is a folder');
  if (stats.isFIFO()) throw new RefusedFile(path, 'it is a pipe');
  if (!stats.isFile()) throw new RefusedFile(path, 'it is a device');
  if (nlink > 1 && !claimed) throw new RefusedFile(path, 'it is a hard link');
  if (bytes > maxHoleBytes && bytes / maxHoleRatio > blocks * 512) {
    throw new RefusedFile(path, `it has ${bytes} bytes, nearly all of them a hole`);
  }
  // Checked after the number of names: a name removed in between is noticed here.
  if (isWhere(fd, path)) return { fd, bytes, modifiedMs };
  if (attempt < maxAttempts) return undefined;
  throw new RefusedFile(path, 'it is behind a link');
}

/**
 * Whether the path led to the open file or folder without any link: the kernel knows where it is.
 */
export function isWhere(fd: number, path: string): boolean {
  return readlinkSync(`/proc/self/fd/${fd}`) === path;
}

/** Undefined where nothing is there. */
export function notOpened(path: string, error: unknown): undefined {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
  for (const [code, reason] of notOpenable) {
    if (hasCode(error, code)) throw new RefusedFile(path, reason, error);
  }
  throw error;
}

const notOpenable = [
  ['ELOOP', 'it is a link'],
  ['ENXIO', 'it is a socket or a device'],
  ['ENODEV', 'it is a device'],
  ['EACCES', 'it may not be read'],
  ['EPERM', 'it may not be read'],
  ['ENAMETOOLONG', 'its name is too long'],
] as const;
