/** Finds the sessions that match a name with `*` in it. */

/** Returns the indices of the sessions that match a name with `*` in it. */
export function createMatcher(names: readonly string[]): (pattern: string) => readonly number[] {
  const byName = Map.groupBy(names.keys(), (index) => names[index] ?? '');
  const byPattern = new Map<string, readonly number[]>();
  return (pattern) => {
    if (!pattern.includes('*')) return byName.get(pattern) ?? [];
    const parts = pattern.split('*');
    const found =
      byPattern.get(pattern) ?? [...names.keys()].filter((at) => fits(names[at] ?? '', parts));
    byPattern.set(pattern, found);
    return found;
  };
}

/** Not a regular expression, which would backtrack to each `*`, in all combinations. */
function fits(name: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
