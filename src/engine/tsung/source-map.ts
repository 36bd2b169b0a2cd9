/** Text put together from pieces of files, which knows for each of its places where that was written. */

/** A place as `file:line`. */
export type Where = (offset: number) => string;

export type MappedText = Readonly<{ text: string; where: Where }>;

type Piece = Readonly<{
  start: number;
  file: string;
  source: string;
  offset: number;
  isFixed: boolean;
}>;

export type MappedTextBuilder = Readonly<{
  /** Appends `source.slice(from, to)` of `file`. */
  copy(file: string, source: string, from: number, to: number): void;
  /** Appends `text`, which stands for what is at `offset` of `source`. */
  put(file: string, source: string, offset: number, text: string): void;
  length(): number;
  build(): MappedText;
}>;

/** `entry`: the file an empty text is said to be. */
export function createMappedText(entry: string): MappedTextBuilder {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;

  function append(text: string, piece: Omit<Piece, 'start'>): void {
    if (text === '') return;
    pieces.push({ start: length, ...piece });
    parts.push(text);
    length += text.length;
  }

  return {
    copy: (file, source, from, to) =>
      append(source.slice(from, to), { file, source, offset: from, isFixed: false }),
    put: (file, source, offset, text) => append(text, { file, source, offset, isFixed: true }),
    length: () => length,
    build: () => ({
      text: parts.join(''),
      where(offset) {
        const piece = pieces.findLast(({ start }) => start <= offset) ?? pieces[0];
        if (piece === undefined) return `${entry}:1`;
        const at = piece.isFixed ? piece.offset : piece.offset + (offset - piece.start);
        return `${piece.file}:${lineOf(piece.source, at)}`;
      },
    }),
  };
}

/** Line numbers begin with 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line++;
  return line;
}
