/** Reads a zip's end record, table of contents and local headers, before any of its data. */

import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';
import { OnagerError } from '../../errors.ts';
import { counted, formatInteger } from '../../text.ts';
import { zipProblem } from './problem.ts';
import { readStructure, type ZipSource } from './source.ts';

/** The table of contents. `directoryStart`: where it begins and the files' data must end. */
type ZipArchive = Readonly<{
  zip: ZipFile;
  entries: readonly Entry[];
  directoryStart: number;
}>;

/** Where an entry's header begins and where its data begins and ends. */
export type LocalEntry = Readonly<{
  entry: Entry;
  header: Readonly<
    Pick<LocalFileHeader, 'fileDataStart' | 'compressionMethod' | 'crc32'> &
      Pick<LocalFileHeader, 'generalPurposeBitFlag' | 'compressedSize' | 'uncompressedSize'> & {
        hasSameName: boolean;
      }
  >;
}>;

type EndRecord = Readonly<{ entries: number; directoryStart: number; directoryEnd: number }>;

const endRecordBytes = 22;
const locatorBytes = 20;
/** Twice what an entry with the longest name needs. */
const maxBytesAnEntry = 2_048;
const retry = 'zip the folder again, with a common tool, and send the whole file';

export async function readArchive(
  source: ZipSource,
  { maxEntries }: Readonly<{ maxEntries: number }>,
): Promise<ZipArchive> {
  await checkStart(source);
  const zip = await readStructure(source).catch(structureError);
  const end = await readEndRecord(source, zip.comment.length);
  if (end.entries === 0 && end.directoryStart === end.directoryEnd) {
    throw zipProblem('ZIP_EMPTY', 'the zip holds no file', 'put the scenario into the zip');
  }
  if (end.entries > maxEntries) {
    throw zipProblem(
      'ZIP_TOO_MANY_FILES',
      `the zip has ${formatInteger(end.entries)} entries, more than the ${formatInteger(maxEntries)} of limits.files`,
      'leave out what the scenario does not need, or raise limits.files',
    );
  }
  if (end.directoryEnd - end.directoryStart > maxEntries * maxBytesAnEntry) {
    throw zipProblem(
      'ZIP_DIRECTORY',
      `the table of contents has ${formatInteger(end.directoryEnd - end.directoryStart)} bytes, too many for ${formatInteger(maxEntries)} entries`,
      retry,
    );
  }
  const entries: Entry[] = [];
  let directoryBytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      directoryBytes +=
        46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    }
  } catch (error) {
    structureError(error);
  }
  if (end.directoryStart + directoryBytes !== end.directoryEnd) {
    throw zipProblem(
      'ZIP_DIRECTORY',
      `the table of contents names ${counted(end.entries, 'entry', 'entries')} in ${counted(directoryBytes, 'byte')}, but has ${counted(end.directoryEnd - end.directoryStart, 'byte')}`,
      retry,
    );
  }
  return { zip, entries, directoryStart: end.directoryStart };
}

export async function readLocalEntries({ zip, entries }: ZipArchive): Promise<LocalEntry[]> {
  const locals: LocalEntry[] = [];
  for (const entry of entries) {
    const header = await zip.readLocalFileHeaderPromise(entry).catch(structureError);
    // Names and extra fields are not kept: they can be 128 KiB each.
    const { fileName, extraField: _, ...numbers } = header;
    locals.push({ entry, header: { ...numbers, hasSameName: fileName.equals(entry.fileNameRaw) } });
  }
  return locals;
}

async function checkStart(source: ZipSource): Promise<void> {
  const start = (await source.read(0, 4)).toString('latin1');
  if (start === 'PK\x03\x04' || start === 'PK\x05\x06') return;
  if (start === 'PK\x07\x08') throw multiDisk('it starts with a spanning marker');
  throw zipProblem(
    'ZIP_NOT_A_ZIP',
    source.size === 0
      ? 'the zip has no bytes'
      : `the scenario does not start like a zip, but with ${JSON.stringify(start).replaceAll(/[^ -~]/g, '?')}`,
    'send a plain zip: nothing may come before its first file',
  );
}

/** yauzl reads the end record too, but reports neither its offset nor contradictions in it. */
async function readEndRecord(source: ZipSource, commentBytes: number): Promise<EndRecord> {
  const at = source.size - endRecordBytes - commentBytes;
  const record = await source.read(at, endRecordBytes);
  const end = {
    entries: record.readUInt16LE(10),
    directoryStart: record.readUInt32LE(16),
    directoryBytes: record.readUInt32LE(12),
  };
  const disks = [record.readUInt16LE(4), record.readUInt16LE(6)];
  const onThisDisk = record.readUInt16LE(8);
  const locator = await source.read(Math.max(0, at - locatorBytes), locatorBytes);
  if (at >= locatorBytes && locator.readUInt32LE(0) === 0x07064b50) {
    return readZip64EndRecord(source, end, locator, at - locatorBytes);
  }
  if (disks.some((disk) => disk !== 0)) throw multiDisk(`it names disk ${Math.max(...disks)}`);
  return judgeEndRecord({ ...end, onThisDisk, directoryEnd: at });
}

async function readZip64EndRecord(
  source: ZipSource,
  small: Readonly<{ entries: number; directoryStart: number; directoryBytes: number }>,
  locator: Buffer,
  locatorAt: number,
): Promise<EndRecord> {
  const at = Number(locator.readBigUInt64LE(8));
  const record = await source.read(at, 56);
  if (record.length < 56 || at + 12 + Number(record.readBigUInt64LE(4)) !== locatorAt) {
    throw zipProblem('ZIP_DIRECTORY', 'the zip64 end record is not where it should be', retry);
  }
  const disks = [record.readUInt32LE(16), record.readUInt32LE(20), locator.readUInt32LE(4)];
  if (disks.some((disk) => disk !== 0)) throw multiDisk(`it names disk ${Math.max(...disks)}`);
  const end = {
    entries: Number(record.readBigUInt64LE(32)),
    directoryStart: Number(record.readBigUInt64LE(48)),
    directoryBytes: Number(record.readBigUInt64LE(40)),
  };
  const agrees =
    [end.entries, 0xffff].includes(small.entries) &&
    [end.directoryStart, 0xffffffff].includes(small.directoryStart) &&
    [end.directoryBytes, 0xffffffff].includes(small.directoryBytes);
  if (!agrees) throw zipProblem('ZIP_DIRECTORY', 'the two end records differ', retry);
  return judgeEndRecord({
    ...end,
    onThisDisk: Number(record.readBigUInt64LE(24)),
    directoryEnd: at,
  });
}

function judgeEndRecord({
  directoryBytes,
  onThisDisk,
  ...end
}: EndRecord & Readonly<{ directoryBytes: number; onThisDisk: number }>): EndRecord {
  if (onThisDisk !== end.entries) {
    throw multiDisk(
      `it holds ${formatInteger(onThisDisk)} of its ${counted(end.entries, 'entry', 'entries')}`,
    );
  }
  if (end.directoryStart + directoryBytes === end.directoryEnd) return end;
  throw zipProblem(
    'ZIP_DIRECTORY',
    `the table of contents ends at byte ${formatInteger(end.directoryStart + directoryBytes)}, but its end record stands at ${formatInteger(end.directoryEnd)}`,
    retry,
  );
}

function multiDisk(why: string): OnagerError {
  return zipProblem(
    'ZIP_MULTI_DISK',
    `the zip is one part of several: ${why}`,
    'send it as a single zip',
  );
}

/** Maps yauzl's messages to codes; an unknown one means a broken table of contents. */
function structureError(error: unknown): never {
  if (error instanceof OnagerError || !(error instanceof Error) || 'errno' in error) throw error;
  const { message } = error;
  if (message.includes('record signature not found')) {
    throw zipProblem('ZIP_TRUNCATED', 'the end of the zip is missing', retry, error);
  }
  if (message.includes('comment length')) {
    const hint = 'nothing may follow the end of the zip: send the file as the zip tool wrote it';
    throw zipProblem('ZIP_HIDDEN_BYTES', 'there are bytes after the end of the zip', hint, error);
  }
  if (message.includes('multi-disk')) throw multiDisk(message.replace(/^.*: /, ''));
  if (message.includes('strong encryption')) {
    const hint = 'zip the scenario without a password';
    throw zipProblem('ZIP_ENCRYPTED', 'the zip is encrypted', hint, error);
  }
  if (message.includes('local file header')) {
    throw zipProblem('ZIP_HEADER_MISMATCH', `a file has no header: ${message}`, retry, error);
  }
  if (message.includes('overflows file bounds')) {
    throw zipProblem('ZIP_SIZE_LIE', `the data of a file is cut off: ${message}`, retry, error);
  }
  throw zipProblem('ZIP_DIRECTORY', `the table of contents is damaged: ${message}`, retry, error);
}
