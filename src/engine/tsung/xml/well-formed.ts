/**
 * Finds the first thing that makes a text no XML, and where its author made it, which is not always
 * where a parser stumbles.
 */

import { SaxesParser } from 'saxes';
import type { Problem } from '../../../errors.ts';
import { markup } from './markup.ts';
import type { Where } from './source-map.ts';
import { nameOfTag } from './tree.ts';

/** xmllint gives up at 256. */
const maxDepth = 200;
const maxAmpersands = 20;

const bareAmpersand = /&(?!(?:[A-Za-z_:\u0080-\uFFFF][\w.:\u0080-\uFFFF-]*|#\d+|#x[\da-fA-F]+);)/g;
/** Wherever it stands and whatever it says: another one is put in its place. */
export const xmlDeclaration = /^\s*<\?xml\s[^>]*?\?>/;

type Fault = Readonly<{ offset: number; message: string; hint: string }>;

const usualHint = 'every element needs its end, every attribute its quotes';

/**
 * `text`: the document without its DOCTYPE. What follows the first fault would be guesses, but for
 * more of the same.
 */
export function formProblems(text: string, where: Where): readonly Problem[] {
  const faults =
    text.trim() === ''
      ? [{ offset: 0, message: 'the file is empty', hint: 'save the scenario into it' }]
      : (some(ampersands(text)) ?? some(endless(text)) ?? parserFaults(text));
  return faults.map(({ offset, message, hint }) => ({
    code: 'TSUNG_XML',
    message,
    hint,
    where: where(offset),
  }));
}

function some(faults: readonly Fault[]): readonly Fault[] | undefined {
  return faults.length > 0 ? faults : undefined;
}

/** Whoever copies an address into an attribute forgets these; parsers read on, up to the end. */
function ampersands(text: string): readonly Fault[] {
  const faults: Fault[] = [];
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'text' && kind !== 'tag') continue;
    for (const match of text.slice(start, end).matchAll(bareAmpersand)) {
      if (faults.length >= maxAmpersands) return faults;
      const offset = start + match.index;
      const shown = /^&[^\s<>"']{0,20}/.exec(text.slice(offset))?.[0] ?? '&';
      faults.push({
        offset,
        message: `not well-formed XML: "&" stands for nothing in "${shown}"`,
        hint: 'write "&amp;" instead of "&"',
      });
    }
  }
  return faults;
}

const ends = { comment: '-->', cdata: ']]>', instruction: '?>' } as const;

function endless(text: string): readonly Fault[] {
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'comment' && kind !== 'cdata' && kind !== 'instruction') continue;
    const closing = ends[kind];
    if (end < text.length || text.endsWith(closing)) continue;
    const opening = /^<(?:!--|!\[CDATA\[|\?\S*)/.exec(text.slice(start))?.[0] ?? '<';
    return [
      {
        offset: start,
        message: `not well-formed XML: "${opening}" never ends`,
        hint: `write "${closing}" where it ends`,
      },
    ];
  }
  return [];
}

function parserFaults(text: string): readonly Fault[] {
  const parser = new SaxesParser({ position: true });
  let fault: Fault | undefined;
  let depth = 0;
  const here = (): number => offsetOf(text, parser.line, parser.column);
  parser.on('opentag', () => {
    depth += 1;
    if (depth <= maxDepth || fault !== undefined) return;
    const message = `elements are nested deeper than ${maxDepth}`;
    fault = { offset: here(), message, hint: 'an element may be missing its end' };
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  parser.on('error', ({ message }) => {
    if (fault !== undefined) return;
    const said = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    fault = inWords(text, said, here());
  });
  parser.write(text.replace(xmlDeclaration, blank)).close();
  return fault === undefined ? [] : [fault];
}

function inWords(text: string, said: string, offset: number): Fault {
  if (/^(?:unexpected close tag|unclosed tag|unmatched closing tag)/.test(said)) {
    const found = unpaired(text);
    if (found !== undefined) return found;
  }
  const quote = said === 'disallowed character' ? openQuote(text, offset) : undefined;
  if (quote !== undefined) {
    return {
      offset: quote,
      message: 'not well-formed XML: "<" stands in the value of an attribute that begins here',
      hint: 'close the quotes of the value, and write "&lt;" for a "<" that belongs to it',
    };
  }
  return { offset, message: `not well-formed XML: ${said}`, hint: usualHint };
}

/** The first tag without its counterpart. */
function unpaired(text: string): Fault | undefined {
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
    const message = `not well-formed XML: </${name}> ends nothing`;
    return { offset: start, message, hint: usualHint };
  }
  const last = open.at(-1);
  return last === undefined ? undefined : unclosed(last, 'the end of the file');
}

function unclosed({ name, start }: { name: string; start: number }, before: string): Fault {
  return {
    offset: start,
    message: `not well-formed XML: <${name}> has no end before ${before}`,
    hint: `write </${name}> where it ends, or "/>" at its own end`,
  };
}

/** Where the value of an attribute begins that this place is in. */
function openQuote(text: string, offset: number): number | undefined {
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'tag' || start >= offset || end <= offset) continue;
    for (const match of text.slice(start, end).matchAll(/"[^"]*("|$)|'[^']*('|$)/g)) {
      const from = start + match.index;
      if (from < offset && offset <= from + match[0].length) return from;
    }
  }
  return undefined;
}

/** Blanks in the place of a text, so that what follows stays on its line. */
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
