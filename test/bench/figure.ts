/**
 * One measured figure beside its yardstick, reported to the program that runs all of them or as a
 * line.
 */

export type Figure = Readonly<{
  what: string;
  ours: string;
  yardstick: string;
  /** Ours divided by the yardstick's, if there is one. */
  ratio?: number;
  goal: string;
  met: boolean;
  /** How it was measured, if that is not obvious. */
  note?: string;
}>;

/** Reports to the parent process if there is one that listens, otherwise on standard output. */
export function tell(figure: Figure): void {
  if (process.send !== undefined) process.send(figure);
  else console.log(table([figure]));
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, ours, yardstick, ratio, goal, met }) => [
    what,
    ours,
    yardstick,
    ratio?.toFixed(3) ?? '',
    goal,
    met ? 'met' : 'not met',
  ]);
  const all = [['figure', 'Onager', 'yardstick', 'ratio', 'goal', ''], ...rows];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = figures.flatMap(({ what, note }) =>
    note === undefined ? [] : [`${what}: ${note}`],
  );
  return [...lines, ...notes].join('\n');
}

export function isFigure(value: unknown): value is Figure {
  return typeof value === 'object' && value !== null && 'what' in value && 'met' in value;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
