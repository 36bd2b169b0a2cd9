/** Which of the known words is meant, by a pattern or probably. */

/**
 * The candidate that differs from the word in at most a third of the letters, ignoring case;
 * undefined if there is none.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const apart = distance(word.toLowerCase(), candidate.toLowerCase());
    const near = apart <= Math.min(word.length, candidate.length) / 3;
    if (near && apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

/** A hint that begins with the word that is meant, where one is near. */
export function meantFirst(word: string, candidates: readonly string[], hint: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? hint : `did you mean "${meant}"? ${hint}`;
}

/**
 * Whether a name is what the pattern says, in which each `*` stands for any text. Not a regular
 * expression: that would backtrack to each `*`, in all combinations.
 */
export function fits(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
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

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
