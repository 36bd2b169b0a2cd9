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
