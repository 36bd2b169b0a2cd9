/** Tells which line an offset in a text is in; the text is read once, however often it is asked. */

export type Lines = Readonly<{
  /** Line numbers begin with 1. */
  lineOf(offset: number): number;
  /** Where the line that the offset is in begins. */
  startOf(offset: number): number;
}>;

export function createLines(text: string): Lines {
  let known: readonly number[] | undefined;
  const starts = (): readonly number[] => {
    known ??= lineStarts(text);
    return known;
  };
  return {
    lineOf: (offset) => lastUpTo(starts(), offset) + 1,
    startOf: (offset) => starts()[lastUpTo(starts(), offset)] ?? 0,
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * The index of the last of these ascending numbers that is not above the limit; 0 where all are.
 */
export function lastUpTo(ascending: readonly number[], limit: number): number {
  let from = 0;
  let to = ascending.length;
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) from = middle;
    else to = middle;
  }
  return from;
}
