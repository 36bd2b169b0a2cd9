/**
 * Finds tags without their counterpart and unclosed quotes: the place of the author's mistake,
 * which is often long before the place where a parser stops.
 */

import { markup } from './markup.ts';
import type { ProblemAt } from './source-map.ts';
import { nameOfTag } from './tree.ts';

export const usualHint = 'every element needs an end tag, and every attribute value needs quotes';

/** The first tag without a counterpart. */
export function unpairedTag(text: string): ProblemAt | undefined {
  const open: { name: string; start: number }[] = [];
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'tag' || text[end - 2] === '/') continue;
    const isClosing = text[start + 1] === '/';
    const name = nameOfTag(text, start + (isClosing ? 1 : 0), end);
    if (!isClosing) {
      open.push({ name, start });
      continue;
    }
    const last = open.pop();
    if (last?.name === name) continue;
    if (last !== undefined) return unclosed(last, `</${name}>`);
    const message = `not well-formed XML: </${name}> has no opening tag`;
    return { offset: start, message, hint: usualHint };
  }
  const last = open.at(-1);
  return last === undefined ? undefined : unclosed(last, 'the end of the file');
}

function unclosed({ name, start }: { name: string; start: number }, before: string): ProblemAt {
  return {
    offset: start,
    message: `not well-formed XML: <${name}> is not closed before ${before}`,
    hint: `write </${name}> where it ends, or end the tag itself with "/>"`,
  };
}

/** Where the attribute value that contains this offset begins. */
export function openQuote(text: string, offset: number): number | undefined {
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'tag' || start >= offset || end <= offset) continue;
    for (const match of text.slice(start, end).matchAll(/"[^"]*("|$)|'[^']*('|$)/g)) {
      const from = start + match.index;
      if (from < offset && offset <= from + match[0].length) return from;
    }
  }
  return undefined;
}
