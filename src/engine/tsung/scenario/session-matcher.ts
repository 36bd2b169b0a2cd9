/** Finds the sessions that a name with `*` in it means. */

import { fits } from '../../../nearest.ts';

/** Tells which sessions, by their indices, a name with `*` in it means. */
export function createMatcher(names: readonly string[]): (pattern: string) => readonly number[] {
  const byName = Map.groupBy(names.keys(), (index) => names[index] ?? '');
  const byPattern = new Map<string, readonly number[]>();
  return (pattern) => {
    if (!pattern.includes('*')) return byName.get(pattern) ?? [];
    const found =
      byPattern.get(pattern) ?? [...names.keys()].filter((at) => fits(names[at] ?? '', pattern));
    byPattern.set(pattern, found);
    return found;
  };
}
