/**
 * Finds the first well-formedness error of an XML text, at the place where its author made it,
 * which is not always where a parser stops.
 */

import { SaxesParser } from 'saxes';
import type { Problem } from '../../../errors.ts';
import { markup } from './markup.ts';
import type { ProblemAt, Where } from './source-map.ts';
import { openQuote, unpairedTag, usualHint } from './unpaired.ts';

/** Far deeper than any scenario: functions that walk the elements recurse for each level. */
const maxDepth = 200;
const maxAmpersands = 20;

const bareAmpersand = /&(?!(?:[A-Za-z_:\u0080-\uFFFF][\w.:\u0080-\uFFFF-]*|#\d+|#x[\da-fA-F]+);)/g;
/** Also matches after blank lines: Onager replaces it, whatever it says. */
export const xmlDeclaration = /^\s*<\?xml\s[^>]*?\?>/;

/**
 * `text`: the document without its DOCTYPE. Reports only the first mistake and others of its kind:
 * anything else would be a guess.
 */
export function formProblems(text: string, where: Where): readonly Problem[] {
  const found =
    text.trim() === ''
      ? [{ offset: 0, message: 'the file is empty', hint: 'save the scenario into it' }]
      : (some(ampersands(text)) ?? some(endless(text)) ?? parserProblems(text));
  return found.map(({ offset, message, hint }) => ({
    code: 'TSUNG_XML',
    message,
    hint,
    where: where(offset),
  }));
}

function some(found: readonly ProblemAt[]): readonly ProblemAt[] | undefined {
  return found.length > 0 ? found : undefined;
}

/** Bare ampersands, as in a URL that was copied into an attribute. */
function ampersands(text: string): readonly ProblemAt[] {
  const found: ProblemAt[] = [];
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'text' && kind !== 'tag') continue;
    for (const match of text.slice(start, end).matchAll(bareAmpersand)) {
      if (found.length >= maxAmpersands) return found;
      const offset = start + match.index;
      const shown = /^&[^\s<>"']{0,20}/.exec(text.slice(offset))?.[0] ?? '&';
      found.push({
        offset,
        message: `not well-formed XML: unescaped "&" in "${shown}"`,
        hint: 'write "&amp;" instead of "&"',
      });
    }
  }
  return found;
}

const ends = { comment: '-->', cdata: ']]>', instruction: '?>' } as const;

function endless(text: string): readonly ProblemAt[] {
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'comment' && kind !== 'cdata' && kind !== 'instruction') continue;
    const closing = ends[kind];
    if (end < text.length || text.endsWith(closing)) continue;
    const opening = /^<(?:!--|!\[CDATA\[|\?\S*)/.exec(text.slice(start))?.[0] ?? '<';
    return [
      {
        offset: start,
        message: `not well-formed XML: "${opening}" is never closed`,
        hint: `write "${closing}" where it ends`,
      },
    ];
  }
  return [];
}

function parserProblems(text: string): readonly ProblemAt[] {
  const parser = new SaxesParser({ position: true });
  let problem: ProblemAt | undefined;
  let depth = 0;
  const here = (): number => offsetOf(text, parser.line, parser.column);
  parser.on('opentag', () => {
    depth += 1;
    if (depth <= maxDepth) return;
    const message = `elements are nested deeper than ${maxDepth}`;
    problem ??= { offset: here(), message, hint: 'an element may be missing its end tag' };
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.on('error', ({ message }) => {
    const said = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    problem ??= inWords(text, said, here());
  });
  parser.write(text.replace(xmlDeclaration, blank)).close();
  return problem === undefined ? [] : [problem];
}

function inWords(text: string, said: string, offset: number): ProblemAt {
  if (/^(?:unexpected close tag|unclosed tag|unmatched closing tag)/.test(said)) {
    const found = unpairedTag(text);
    if (found !== undefined) return found;
  }
  const quote = said === 'disallowed character' ? openQuote(text, offset) : undefined;
  if (quote !== undefined) {
    return {
      offset: quote,
      message: 'not well-formed XML: the attribute value that begins here contains "<"',
      hint: 'close its quotes, and write "&lt;" for a "<" that belongs to the value',
    };
  }
  return { offset, message: `not well-formed XML: ${said}`, hint: usualHint };
}

/** Replaces a text with spaces, so that what follows stays on its line. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const next = text.indexOf('\n', start);
    if (next === -1) break;
    start = next + 1;
  }
  return Math.min(start + Math.max(column - 1, 0), text.length);
}
