/** The bytes of a zip, read at any offset, from a file or from memory. */

import { open } from 'node:fs/promises';
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';

export type ZipSource = Readonly<{
  size: number;
  /** Returns fewer bytes than requested, or none, only if the zip does not have them. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}>;

const chunkBytes = 64 * 1024;

export async function openZipFile(path: string): Promise<ZipSource> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    size,
    async read(position, length) {
      const there = Math.min(length, size - position);
      if (position < 0 || there <= 0) return Buffer.alloc(0);
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.allocUnsafe(there),
        position,
      });
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

export function zipInMemory(bytes: Uint8Array): ZipSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    async read(position, length) {
      return position < 0 ? Buffer.alloc(0) : buffer.subarray(position, position + length);
    },
    close: async () => {},
  };
}

export async function* readRange(
  source: ZipSource,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const chunk = await source.read(at, Math.min(chunkBytes, end - at));
    if (chunk.length === 0) return;
    yield chunk;
    at += chunk.length;
  }
}

/** yauzl only parses the structure: names, sizes and data are checked and read here. */
export async function readStructure(source: ZipSource): Promise<ZipFile> {
  return await fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
    autoClose: false,
    decodeStrings: false,
    validateEntrySizes: false,
  });
}

/** yauzl's own readers throw an uncatchable error if a zip sends them to an invalid offset. */
class SourceReader extends RandomAccessReader {
  readonly #source: ZipSource;

  constructor(source: ZipSource) {
    super();
    this.#source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#source.read(position, length).then((bytes) => {
      bytes.copy(buffer, offset);
      callback(bytes.length < length ? new Error('unexpected end of the zip') : null);
    }, callback);
  }
}
