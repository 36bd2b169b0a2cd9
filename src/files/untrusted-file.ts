/**
 * Opens and reads files in a folder where another user's program may have put anything else in
 * their place.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode, OnagerError } from '../errors.ts';

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** Waits for nobody at the other end of a pipe, and follows no link. */
const carefully = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const readFlags = O_RDONLY | carefully;

/** For whoever appends to a file in such a folder. */
export const appendFlags = O_APPEND | O_CREAT | O_WRONLY | carefully;

/** What is in a file's place, and is not read. `reason`: what is wrong with it, in words. */
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

/** For a catch: what was refused is as good as nothing there. */
export function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof RefusedFile)) throw error;
}

export type Opened = Readonly<{ handle: FileHandle; bytes: number; modifiedMs: number }>;
export type OpenedSync = Readonly<{ fd: number; bytes: number; modifiedMs: number }>;

/**
 * `claimed`: a second name is fine, for that is how a claim is made; the file's content must not be
 * told then.
 */
export type OpenOptions = Readonly<{ claimed?: boolean }>;

/**
 * Undefined where nothing is there. Throws RefusedFile. The path must be canonical, but for what
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

/** The same at once, for who cannot wait or looks often. */
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

/** Whether a plain file is there; asked often, so that nothing is opened. */
export function isPlainFile(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

/** How often a file is opened anew that is replaced while one looks at it. */
const maxAttempts = 5;
/** A file this much longer than what it takes on the disk is nothing but a hole. */
const maxHoleRatio = 16;
const maxHoleBytes = 256 * 1024 ** 2;

/** Undefined: it is no more what the path names, and is to be opened again. */
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
  // Asked after the number of names: a name taken away in between is seen here.
  if (isWhere(fd, path)) return { fd, bytes, modifiedMs };
  if (attempt < maxAttempts) return undefined;
  throw new RefusedFile(path, 'it is behind a link');
}

/**
 * Whether the path led to the open file or folder without any link: the kernel knows where it lies.
 */
export function isWhere(fd: number, path: string): boolean {
  return readlinkSync(`/proc/self/fd/${fd}`) === path;
}

/** Undefined: there is nothing. */
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
