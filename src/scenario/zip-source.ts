/** The bytes of a zip, read at any place, whether they lie in a file or in memory. */

import { open } from 'node:fs/promises';
import { fromBufferPromise, fromFdPromise, type ZipFile } from 'yauzl';

export type ZipSource = Readonly<{
  size: number;
  /** Gives fewer bytes than asked for only where the zip ends. */
  read(position: number, length: number): Promise<Buffer>;
  /** Every check that concerns names and sizes is ours: yauzl only takes the structure apart. */
  zipFile(): Promise<ZipFile>;
  close(): Promise<void>;
}>;

const raw = { autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;

export async function openZipFile(path: string): Promise<ZipSource> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    size,
    async read(position, length) {
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(Math.max(0, Math.min(length, size - position))),
        position,
      });
      return buffer.subarray(0, bytesRead);
    },
    zipFile: () => fromFdPromise(file.fd, raw),
    close: () => file.close(),
  };
}

export function zipInMemory(bytes: Uint8Array): ZipSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read: async (position, length) => buffer.subarray(position, position + length),
    zipFile: () => fromBufferPromise(buffer, raw),
    close: async () => {},
  };
}
