/**
 * The code cache of the package: what V8 compiled of the bundle's files while a run was started,
 * in one file. Whatever is wrong with that file, a start only takes longer.
 */

import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

export type CodeCache = Readonly<{
  /** What was compiled of a file of the bundle. */
  codeOf(name: string): Buffer | undefined;
}>;

export const noCodeCache: CodeCache = { codeOf: () => undefined };

/** A number of 4 bytes says how long the index is, which comes first. */
const lengthBytes = 4;
const maxIndexBytes = 64 * 1024;

/** Where the code of a file is, from the end of the index. */
type Place = Readonly<{ offset: number; length: number; sha256: string }>;

/**
 * `build`: of which bundle. V8 looks only at the length of a source and at its own version and
 * options, so code of another bundle must not be offered to it; and it does not survive damage.
 */
export function openCodeCache(path: string, build: string): CodeCache {
  try {
    const file = openSync(path, 'r');
    const length = readAt(file, 0, lengthBytes).readUInt32LE();
    if (length > maxIndexBytes) return closed(file);
    const index: unknown = JSON.parse(readAt(file, lengthBytes, length).toString());
    if (!isIndex(index) || index.build !== build) return closed(file);
    const start = lengthBytes + length;
    return { codeOf: (name) => codeAt(file, start, index.files[name]) };
  } catch {
    return noCodeCache;
  }
}

export function codeCacheFile(build: string, codes: ReadonlyMap<string, Buffer>): Buffer {
  const files: Record<string, Place> = {};
  let offset = 0;
  for (const [name, code] of codes) {
    files[name] = { offset, length: code.length, sha256: hash('sha256', code) };
    offset += code.length;
  }
  const index = Buffer.from(JSON.stringify({ build, files }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(index.length);
  return Buffer.concat([length, index, ...codes.values()]);
}

function codeAt(file: number, start: number, place: Place | undefined): Buffer | undefined {
  if (place === undefined) return undefined;
  try {
    const code = readAt(file, start + place.offset, place.length);
    return hash('sha256', code) === place.sha256 ? code : undefined;
  } catch {
    return undefined;
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  if (readSync(file, bytes, 0, length, position) !== length) throw new Error('it is cut off');
  return bytes;
}

function isIndex(
  value: unknown,
): value is Readonly<{ build: string; files: Readonly<Record<string, Place | undefined>> }> {
  return typeof value === 'object' && value !== null && 'build' in value && 'files' in value;
}

function closed(file: number): CodeCache {
  closeSync(file);
  return noCodeCache;
}
