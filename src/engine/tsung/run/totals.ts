/** Tsung's counts since the start of a run, by name, from the end of tsung.log. */

/** 0 for a missing name. */
export type TsungTotals = ((name: string) => number) &
  Readonly<{ all: ReadonlyMap<string, number> }>;

/**
 * Of `name increment total`, or of `name count … count of earlier intervals`; `log` holds a whole
 * block of statistics or more.
 */
export function totalsOf(log: string): TsungTotals {
  const all = new Map<string, number>();
  for (const [, line = ''] of log.matchAll(/^stats: (.*)$/gm)) {
    const [name = '', first, ...others] = line.trim().split(/ +/);
    const last = Number(others.at(-1));
    if (others.length === 1) all.set(name, last);
    if (others.length === 6) all.set(name, Number(first) + last);
  }
  return Object.assign((name: string): number => all.get(name) ?? 0, { all });
}
