/** The data of one file in a zip, unpacked and checked against what the zip declares. */

import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { counted, formatInteger } from '../../text.ts';
import type { LocalEntry } from './archive.ts';
import { nameForPeople } from './names.ts';
import { zipProblem } from './problem.ts';
import { readRange, type ZipSource } from './source.ts';

/** Fails before it returns more than is declared, and at the end if the checksum differs. */
export async function* checkedData(
  source: ZipSource,
  local: LocalEntry,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { entry } = local;
  let bytes = 0;
  let crc = 0;
  try {
    for await (const chunk of data(source, local)) {
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
    const has = bytes > entry.uncompressedSize ? 'more' : `only ${formatInteger(bytes)}`;
    const message = `${nameForPeople(entry)} declares ${counted(entry.uncompressedSize, 'byte')}, but has ${has}`;
    throw zipProblem('ZIP_SIZE_LIE', message, 'zip the folder again');
  }
  if (crc !== entry.crc32) {
    const message = `the checksum of ${nameForPeople(entry)} is wrong`;
    throw zipProblem('ZIP_CRC', message, 'send the file as the zip tool wrote it');
  }
}

function data(source: ZipSource, { entry, header }: LocalEntry): AsyncIterable<Buffer> {
  const start = header.fileDataStart;
  const packed = readRange(source, start, start + entry.compressedSize);
  if (entry.compressionMethod === 0) return packed;
  // A read error reaches the consumer of the inflated data, and its end ends the reading.
  const inflated = createInflateRaw({ chunkSize: 64 * 1024 });
  pipeline(Readable.from(packed), inflated, () => {});
  return inflated;
}
