/** Finds the sessions that match a name with `*` in it. */

import { fits } from '../../../nearest.ts';

/** Returns the indices of the sessions that match a name with `*` in it. */
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
