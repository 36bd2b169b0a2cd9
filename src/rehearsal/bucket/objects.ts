/** The objects on disk: the bytes of each in a file, and its metadata in another. */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { hasCode } from '../../errors.ts';
import { writeWhole } from '../../files/files.ts';
import {
  dictionary,
  type FromSchema,
  number,
  object,
  parseWithSchema,
  text,
} from '../../schema.ts';
import { sha256 } from './sigv4.ts';

const storedSchema = object({
  key: text(),
  /** The file with its bytes. */
  file: text(),
  size: number(),
  etag: text(),
  modifiedAt: text(),
  /** Headers that are returned with the bytes. */
  headers: dictionary(text()),
  checksums: dictionary(text()),
});

export type StoredObject = Readonly<FromSchema<typeof storedSchema>>;

/** What a put has besides the bytes. `checksums` is called once they are read. */
type NewObject = Readonly<{
  key: string;
  bytes: AsyncIterable<Buffer>;
  headers: Readonly<Record<string, string>>;
  checksums(): Readonly<Record<string, string>>;
}>;

export type Objects = Readonly<{
  get(key: string): StoredObject | undefined;
  /** In the order of their UTF-8 bytes. */
  all(): readonly StoredObject[];
  read(stored: StoredObject, range?: Readonly<{ start: number; end: number }>): Readable;
  /** `allow` throws if the object that has the key by then must not be replaced. */
  put(from: NewObject, allow: (there: StoredObject | undefined) => void): Promise<StoredObject>;
  remove(key: string): Promise<void>;
  /** Writes each object as a plain file, its key as the path; leaves out what cannot be a file. */
  exportTo(dir: string): Promise<void>;
}>;

/** Objects already in the folder are there from the start. */
export async function openObjects(dir: string): Promise<Objects> {
  await mkdir(dir, { recursive: true });
  const stored = await storedIn(dir);
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time, so that a condition still holds when the change is made. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = last.then(change);
    last = changed.catch(() => {});
    return changed;
  }

  return {
    get: (key) => stored.get(key),
    all: () => [...stored.values()].toSorted(byKey),
    read: ({ file, size }, range) =>
      createReadStream(join(dir, file), range ?? { end: Math.max(size - 1, 0) }),
    async put({ key, bytes, headers, checksums }, allow) {
      const file = randomUUID();
      try {
        const { size, md5 } = await writeBytes(join(dir, file), bytes);
        return await inTurn(async () => {
          const before = stored.get(key);
          allow(before);
          const modifiedAt = new Date().toISOString();
          const known = { headers, checksums: checksums() };
          const put = { key, file, size, etag: `"${md5}"`, modifiedAt, ...known };
          await writeWhole(join(dir, nameOf(key)), JSON.stringify(put));
          stored.set(key, put);
          if (before !== undefined) await rm(join(dir, before.file), { force: true });
          return put;
        });
      } catch (error) {
        await rm(join(dir, file), { force: true }).catch(() => {});
        throw error;
      }
    },
    remove: (key) =>
      inTurn(async () => {
        const before = stored.get(key);
        if (before === undefined) return;
        await rm(join(dir, nameOf(key)), { force: true });
        stored.delete(key);
        await rm(join(dir, before.file), { force: true });
      }),
    async exportTo(to) {
      for (const { key, file } of stored.values()) {
        if (!isPath(key)) continue;
        try {
          const path = join(to, key);
          await mkdir(dirname(path), { recursive: true });
          await copyFile(join(dir, file), path);
        } catch (error) {
          if (!isNoFile(error)) throw error;
        }
      }
    },
  };
}

async function storedIn(dir: string): Promise<Map<string, StoredObject>> {
  const stored = new Map<string, StoredObject>();
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.json')) continue;
    const one = parseWithSchema(storedSchema, await readFile(join(dir, name), 'utf8'));
    stored.set(one.key, one);
  }
  return stored;
}

function nameOf(key: string): string {
  return `${sha256(key)}.json`;
}

async function writeBytes(
  path: string,
  bytes: AsyncIterable<Buffer>,
): Promise<Readonly<{ size: number; md5: string }>> {
  await using handle = await open(path, 'wx');
  const md5 = createHash('md5');
  let size = 0;
  for await (const part of bytes) {
    md5.update(part);
    size += part.length;
    await handle.writeFile(part);
  }
  return { size, md5: md5.digest('hex') };
}

function byKey(one: StoredObject, other: StoredObject): number {
  return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));
}

/** The key is a folder of another's, or too long. */
function isNoFile(error: unknown): boolean {
  return ['EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].some((code) => hasCode(error, code));
}

function isPath(key: string): boolean {
  const isName = (name: string): boolean => !['', '.', '..'].includes(name);
  return !key.includes('\0') && key.split('/').every(isName);
}
