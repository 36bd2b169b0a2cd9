/**
 * Removes the blanks around attribute values that are single words, as every XML parser does:
 * " 127.0.0.1" becomes "127.0.0.1".
 */

import type { DtdRules } from '../xml/dtd-rules.ts';
import { applyEdits, type Edit } from '../xml/edits.ts';
import { type Element, withAllBelow } from '../xml/tree.ts';

/** The blanks move out of the quotes, so that every place in the text stays where it was. */
export function trimTokens(text: string, root: Element, rules: DtdRules): string {
  const edits = withAllBelow(root).flatMap(({ name, attributes }): readonly Edit[] => {
    const its = rules.get(name)?.attributes;
    return attributes
      .filter((attribute) => its?.get(attribute.name)?.isToken === true)
      .map(({ start, end }) => ({ start, end, word: text.slice(start, end).trim() }))
      .filter(({ start, end, word }) => word.length < end - start)
      .map(({ start, end, word }) => {
        const quote = text.charAt(end);
        const raw = text.slice(start, end);
        const before = raw.slice(0, raw.length - raw.trimStart().length);
        const after = raw.slice(before.length + word.length);
        return {
          start: start - 1,
          end: end + 1,
          text: `${before}${quote}${word}${quote}${after}`,
        };
      });
  });
  return applyEdits(text, edits);
}
