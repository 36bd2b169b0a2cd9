/** Text assembled from pieces of files that records where each character comes from. */

import { createLines, type Lines, lastUpTo } from '../../../files/lines.ts';

/** A place as `file:line`. */
export type Where = (offset: number) => string;

/** What is wrong at an offset of a text. */
export type ProblemAt = Readonly<{ offset: number; message: string; hint: string }>;

export type MappedText = Readonly<{ text: string; where: Where }>;

type Piece = Readonly<{
  file: string;
  lines: Lines;
  offset: number;
  isFixed: boolean;
}>;

type MappedTextBuilder = Readonly<{
  /** Appends `source.slice(from, to)` of `file`. */
  copy(file: string, source: string, from: number, to: number): void;
  /** Appends `text`, which stands for what is at `offset` of `source`. */
  put(file: string, source: string, offset: number, text: string): void;
  /** The place of `offset` of `source`. */
  placeOf(file: string, source: string, offset: number): string;
  length(): number;
  build(): MappedText;
}>;

/** `entry`: the file to name for an empty text. */
export function createMappedText(entry: string): MappedTextBuilder {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  const starts: number[] = [];
  const known = new Map<string, Lines>();
  let length = 0;

  function linesOf(source: string): Lines {
    const lines = known.get(source) ?? createLines(source);
    known.set(source, lines);
    return lines;
  }

  function append(text: string, piece: Piece): void {
    if (text === '') return;
    pieces.push(piece);
    starts.push(length);
    parts.push(text);
    length += text.length;
  }

  return {
    copy: (file, source, from, to) =>
      append(source.slice(from, to), {
        ...{ file, lines: linesOf(source), offset: from, isFixed: false },
      }),
    put: (file, source, offset, text) =>
      append(text, { file, lines: linesOf(source), offset, isFixed: true }),
    placeOf: (file, source, offset) => `${file}:${linesOf(source).lineOf(offset)}`,
    length: () => length,
    build: () => ({
      text: parts.join(''),
      where(offset) {
        const index = lastUpTo(starts, offset);
        const piece = pieces[index];
        if (piece === undefined) return `${entry}:1`;
        const within = piece.isFixed ? 0 : offset - (starts[index] ?? 0);
        return `${piece.file}:${piece.lines.lineOf(piece.offset + within)}`;
      },
    }),
  };
}
