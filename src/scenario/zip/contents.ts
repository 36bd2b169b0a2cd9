/** Decides, before a byte is written, whether a zip may be unpacked, and into which files. */

import type { Entry } from 'yauzl';
import { type ErrorCode, type Problem, ProblemsError } from '../../errors.ts';
import { counted, formatInteger } from '../../text.ts';
import { clashes, decodedName, nameFault, nameForPeople } from './names.ts';

export type UnpackLimits = Readonly<{ unpackedBytes: number; files: number }>;

const maxRatio = 200;
const ratioMattersFromBytes = 1024 ** 2;
const maxProblems = 100;

/** Throws everything that the table of contents alone shows to be wrong. */
export function judgeContents(
  entries: readonly Entry[],
  { unpackedBytes, freeBytes }: UnpackLimits & Readonly<{ freeBytes: number }>,
): void {
  const maxFileBytes = Math.max(64 * 1024 ** 2, Math.floor(unpackedBytes / 4));
  const problems = entries.flatMap((entry) => [
    ...nameProblems(entry),
    ...typeProblems(entry),
    ...sizeProblems(entry, maxFileBytes),
  ]);
  problems.push(...clashes(entries.flatMap((entry) => safeName(entry) ?? [])));
  const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (total > unpackedBytes) {
    problems.push({
      code: 'ZIP_TOO_LARGE',
      message: `the zip unpacks to ${formatInteger(total)} bytes, more than the ${formatInteger(unpackedBytes)} of limits.unpacked`,
      hint: 'leave out what the scenario does not need, or raise limits.unpacked',
    });
  } else if (total > freeBytes / 2) {
    problems.push({
      code: 'SCENARIO_DISK_SPACE',
      message: `the zip unpacks to ${formatInteger(total)} bytes, more than half of the ${formatInteger(freeBytes)} that are free`,
      hint: 'launch with a larger root volume',
    });
  }
  refuse(problems);
}

/** Only for an entry that has passed the checks. */
export function safeName(entry: Entry): string | undefined {
  const decoded = decodedName(entry);
  return 'name' in decoded && nameFault(decoded.name) === undefined ? decoded.name : undefined;
}

/** Reports at most a hundred at once. */
export function refuse(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first !== undefined) throw new ProblemsError([first, ...others.slice(0, maxProblems - 1)]);
}

export function entryProblem(entry: Entry, code: ErrorCode, fault: string, hint: string): Problem {
  return { code, message: `${nameForPeople(entry)} ${fault}`, hint };
}

function nameProblems(entry: Entry): readonly Problem[] {
  const decoded = decodedName(entry);
  const fault = 'name' in decoded ? nameFault(decoded.name) : decoded.problem;
  if (fault === undefined) return [];
  const hint = 'rename it to plain letters, digits, ".", "-" and "_", and zip again';
  return [entryProblem(entry, 'ZIP_NAME', `is an unsafe name: ${fault}`, hint)];
}

function typeProblems(entry: Entry): readonly Problem[] {
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode >> 12;
  const isFolder = entry.fileNameRaw.at(-1) === 0x2f;
  if (type === 0o12) {
    const hint = 'put the file itself into the zip (zip without --symlinks)';
    return [entryProblem(entry, 'ZIP_LINK', 'is a symbolic link', hint)];
  }
  if (type !== 0 && type !== (isFolder ? 0o4 : 0o10)) {
    const hint = 'a scenario may hold files and folders only';
    return [entryProblem(entry, 'ZIP_SPECIAL_FILE', `is of type 0o${type.toString(8)}`, hint)];
  }
  if (!isFolder && (mode & 0o6000) !== 0) {
    const hint = 'chmod a-s the file, and zip again';
    return [entryProblem(entry, 'ZIP_SETUID', 'is setuid or setgid', hint)];
  }
  // An empty folder may have been "compressed": to two bytes that say there are none.
  if (isFolder && (entry.uncompressedSize > 0 || entry.compressedSize > 2)) {
    return [
      entryProblem(entry, 'ZIP_FOLDER_DATA', 'is a folder with data', 'zip the folder again'),
    ];
  }
  return [];
}

function sizeProblems(entry: Entry, maxFileBytes: number): readonly Problem[] {
  const { compressedSize, uncompressedSize, compressionMethod: method } = entry;
  if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x2000) !== 0) {
    const hint = 'zip the scenario without a password';
    return [entryProblem(entry, 'ZIP_ENCRYPTED', 'is encrypted', hint)];
  }
  if (method !== 0 && method !== 8) {
    const hint = 'zip with deflate (zip -9), not with bzip2, lzma, zstd or the like';
    return [entryProblem(entry, 'ZIP_METHOD', `is compressed by method ${method}`, hint)];
  }
  if (method === 0 && compressedSize !== uncompressedSize) {
    const fault = `is stored as it is, but declares ${formatInteger(compressedSize)} and ${counted(uncompressedSize, 'byte')}`;
    return [entryProblem(entry, 'ZIP_SIZE_LIE', fault, 'zip the folder again')];
  }
  if (uncompressedSize > maxFileBytes) {
    const fault = `has ${formatInteger(uncompressedSize)} bytes; one file may have at most ${formatInteger(maxFileBytes)}`;
    const hint = 'split the file, or raise limits.unpacked: one file may have a quarter of it';
    return [entryProblem(entry, 'ZIP_FILE_TOO_LARGE', fault, hint)];
  }
  if (uncompressedSize > ratioMattersFromBytes && uncompressedSize > compressedSize * maxRatio) {
    const fault = `would grow from ${formatInteger(compressedSize)} to ${formatInteger(uncompressedSize)} bytes`;
    const hint = `files over 1 MiB may shrink to a ${maxRatio}th: zip with less compression (zip -0)`;
    return [entryProblem(entry, 'ZIP_RATIO', fault, hint)];
  }
  return [];
}
