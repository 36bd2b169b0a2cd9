/** Judges every regular expression again: the unit tier trusts the list of earlier judgements. */

import { expect, it } from 'vitest';
import { complexityOf, expressionsIn, repeatsWithoutEnd } from '../support/expressions.ts';
import judgedBefore from '../unit/judged-expressions.json' with { type: 'json' };

it('the list of judged expressions is what recheck says', { timeout: 1_800_000 }, async () => {
  const judged = new Map<string, string>();
  for (const expression of (await expressionsIn('src')).filter(repeatsWithoutEnd)) {
    const { source } = expression;
    if (!judged.has(source)) judged.set(source, await complexityOf(expression));
  }
  expect(Object.fromEntries(judged)).toEqual(judgedBefore);
});
