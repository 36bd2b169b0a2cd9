/** Aligns text in columns for a terminal, where some characters are two columns wide. Pure. */

/**
 * The first column is left-aligned, all others are right-aligned. On a narrow terminal, the first
 * column is shortened. All rows have as many cells as the first one.
 */
export function aligned(rows: readonly (readonly string[])[], width: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => columnsOf(cells[column] ?? ''))),
  );
  const others = widths.slice(1).reduce((sum, it) => sum + it + 2, 0);
  const first = Math.max(12, Math.min(widths[0] ?? 0, width - others));
  return rows.map(([name = '', ...cells]) => {
    const rest = cells.map((cell, at) => `  ${padStart(cell, widths[at + 1] ?? 0)}`);
    return `${padEnd(cutToColumns(name, first), first)}${rest.join('')}`;
  });
}

/** Leaves out whole columns, by their names in the first row, until the rows fit. */
export function withoutColumns(
  rows: readonly (readonly string[])[],
  dispensable: readonly string[],
  width: number,
): readonly (readonly string[])[] {
  const [next, ...more] = dispensable;
  if (next === undefined || aligned(rows, width).every((line) => columnsOf(line) <= width))
    return rows;
  const column = rows[0]?.indexOf(next) ?? -1;
  return withoutColumns(
    rows.map((cells) => cells.filter((_, at) => at !== column)),
    more,
    width,
  );
}

/** Breaks a line at blanks; what follows is indented by `more` than its start. */
export function wrapped(line: string, width: number, more = 2): readonly string[] {
  if (columnsOf(line) <= width) return [line];
  const indent = line.length - line.trimStart().length;
  const end = line.slice(0, width + 1).lastIndexOf(' ');
  // A word that is longer than a line stays whole.
  if (end <= indent) return [line];
  const rest = `${' '.repeat(indent + more)}${line.slice(end).trimStart()}`;
  return [line.slice(0, end).trimEnd(), ...wrapped(rest, width, 0)];
}

const wide =
  /[\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const segmenter = new Intl.Segmenter();

/** The width of a text on a terminal, in columns. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += columnsOf(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}
