/**
 * Checks that the bytes of a zip match its table of contents, and that each belongs to one file.
 */

import type { Problem } from '../../errors.ts';
import { counted } from '../../text.ts';
import type { LocalEntry } from './archive.ts';
import { entryProblem, refuse } from './contents.ts';
import { nameForPeople } from './names.ts';

/**
 * Throws if a file's header contradicts the table of contents, or bytes belong to two files or
 * none.
 */
export function judgeLayout(locals: readonly LocalEntry[], directoryStart: number): void {
  const ordered = locals.map(spanOf).toSorted((a, b) => a.start - b.start);
  const directory = { name: 'the table of contents', start: directoryStart, end: directoryStart };
  const spans = [...ordered, { ...directory, sizesFollow: false }];
  refuse([
    ...spans.flatMap((span, index) => boundaryProblems(spans[index - 1], span)),
    ...locals.flatMap(headerProblems),
  ]);
}

function headerProblems({ entry, header }: LocalEntry): readonly Problem[] {
  // Flags that change what a reader sees: encryption, sizes that follow the data, names in UTF-8.
  const flags = 0x2849;
  const sizesFollow = (header.generalPurposeBitFlag & 0x8) !== 0;
  const differs = [
    header.hasSameName ? [] : 'name',
    header.compressionMethod === entry.compressionMethod ? [] : 'method',
    ((header.generalPurposeBitFlag ^ entry.generalPurposeBitFlag) & flags) === 0 ? [] : 'flags',
    agrees(header.crc32, entry.crc32, sizesFollow ? [0] : []) ? [] : 'checksum',
    agrees(header.compressedSize, entry.compressedSize, sizesFollow ? [0, zip64] : [zip64])
      ? []
      : 'compressed size',
    agrees(header.uncompressedSize, entry.uncompressedSize, sizesFollow ? [0, zip64] : [zip64])
      ? []
      : 'size',
  ].flat();
  if (differs.length === 0) return [];
  const fault = `has a different ${differs.join(', ')} in its own header than in the table of contents`;
  return [entryProblem(entry, 'ZIP_HEADER_MISMATCH', fault, 'zip the folder again')];
}

const zip64 = 0xffffffff;

function agrees(local: number, central: number, alsoFine: readonly number[]): boolean {
  return local === central || alsoFine.includes(local);
}

type Span = Readonly<{ name: string; start: number; end: number; sizesFollow: boolean }>;

function spanOf({ entry, header }: LocalEntry): Span {
  return {
    name: nameForPeople(entry),
    start: entry.relativeOffsetOfLocalHeader,
    end: header.fileDataStart + entry.compressedSize,
    sizesFollow: (entry.generalPurposeBitFlag & 0x8) !== 0,
  };
}

/** Of intervals in the order of their starts, two neighbours overlap if any two do. */
function boundaryProblems(previous: Span | undefined, next: Span): readonly Problem[] {
  const gap = next.start - (previous?.end ?? 0);
  if (gap < 0) {
    const message = `${previous?.name} and ${next.name} overlap`;
    return [{ code: 'ZIP_OVERLAP', message, hint: 'zip the folder again' }];
  }
  // Sizes that follow the data take 12 bytes, or 20 (zip64), and 4 more with their signature.
  if (gap === 0 || (previous?.sizesFollow && [12, 16, 20, 24].includes(gap))) return [];
  const message = `between ${next.name} and what comes before it the zip holds ${counted(gap, 'byte')} of no file`;
  return [{ code: 'ZIP_HIDDEN_BYTES', message, hint: 'zip the folder again' }];
}
