/**
 * Reads the text of files, synchronously and up to a bound, where another user's program may have
 * put anything in their place.
 */

import { closeSync, readSync } from 'node:fs';
import {
  nothingIfRefused,
  type OpenedSync,
  type OpenOptions,
  openUntrustedSync,
  RefusedFile,
} from './untrusted-file.ts';

/**
 * A small file's text as a whole, or undefined where nothing is there. Throws RefusedFile, also for
 * a larger file.
 */
export function readUntrusted(
  path: string,
  { maxBytes, ...options }: OpenOptions & Readonly<{ maxBytes: number }>,
): string | undefined {
  const opened = openUntrustedSync(path, options);
  if (opened === undefined) return undefined;
  try {
    if (opened.bytes > maxBytes) {
      throw new RefusedFile(path, `it has ${opened.bytes} bytes, more than ${maxBytes}`);
    }
    return readText(opened.fd, 0, opened.bytes);
  } finally {
    closeSync(opened.fd);
  }
}

/** The beginning of a file's text; empty where there is nothing to read. */
export function readUntrustedStart(path: string, maxBytes: number): string {
  return readPart(path, () => 0, maxBytes);
}

/** The end of a file's text; empty where there is nothing to read. */
export function readUntrustedEnd(path: string, maxBytes: number): string {
  return readPart(path, (bytes) => Math.max(0, bytes - maxBytes), maxBytes);
}

function readPart(path: string, startIn: (bytes: number) => number, maxBytes: number): string {
  let opened: OpenedSync | undefined;
  try {
    opened = openUntrustedSync(path);
  } catch (error) {
    nothingIfRefused(error);
  }
  if (opened === undefined) return '';
  try {
    const start = startIn(opened.bytes);
    return readText(opened.fd, start, Math.min(opened.bytes - start, maxBytes));
  } finally {
    closeSync(opened.fd);
  }
}

function readText(fd: number, start: number, bytes: number): string {
  const buffer = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const bytesRead = readSync(fd, buffer, filled, bytes - filled, start + filled);
    // The file has become shorter.
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.toString('utf8', 0, filled);
}
