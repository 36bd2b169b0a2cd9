/** The data of one file in a zip, unpacked and checked against what the zip declares. */

import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import type { LocalEntry } from './zip-archive.ts';
import { nameForPeople } from './zip-names.ts';
import { count, zipProblem } from './zip-problem.ts';

/** Fails before it gives one more than is declared, and at the end if the checksum is another. */
export async function* checkedData(
  zip: ZipFile,
  { entry, header }: LocalEntry,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  try {
    for await (const chunk of await dataStream(zip, entry, header.fileDataStart)) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) break;
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) {
      throw error;
    }
    const message = `the data of ${nameForPeople(entry)} is damaged: ${error.message}`;
    throw zipProblem('ZIP_DATA', message, 'send the file as the zip tool wrote it', error);
  }
  if (bytes !== entry.uncompressedSize) {
    const has = bytes > entry.uncompressedSize ? 'more' : `only ${count(bytes)}`;
    const message = `${nameForPeople(entry)} declares ${count(entry.uncompressedSize)} bytes, but has ${has}`;
    throw zipProblem('ZIP_SIZE_LIE', message, 'zip the folder again');
  }
  if (crc !== entry.crc32) {
    const message = `the checksum of ${nameForPeople(entry)} is wrong`;
    throw zipProblem('ZIP_CRC', message, 'send the file as the zip tool wrote it');
  }
}

function dataStream(zip: ZipFile, entry: Entry, start: number): Promise<AsyncIterable<Buffer>> {
  const { compressedSize, compressionMethod, uncompressedSize } = entry;
  return new Promise((resolve, reject) => {
    zip.openReadStreamLowLevel(
      start,
      compressedSize,
      0,
      compressedSize,
      compressionMethod === 8,
      uncompressedSize,
      (error, stream) => (error === null ? resolve(stream) : reject(error)),
    );
  });
}
