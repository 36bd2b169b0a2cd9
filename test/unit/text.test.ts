/**
 * Invisible characters are shown, visible ones are left alone; numbers look as JavaScript itself
 * would write them.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counted,
  cut,
  escapeUnseen,
  formatInteger,
  quote,
  quoteBytes,
  replaceUnseen,
  sentenceCase,
} from '../../src/text.ts';

const awkward = ['a', ' ', '\u0301', '\ud83d', '\ude00', '\u202e', '\ufe0f', '\u2800', '\u3164'];
const foreign = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...awkward) }),
);
/** Written independently of the class under test, from the names of what must not get through. */
const invisible =
  /[\p{Control}\p{Format}\p{Surrogate}\p{Unassigned}\p{Private_Use}\p{Line_Separator}\p{Paragraph_Separator}\p{Variation_Selector}\p{Bidi_Control}\p{Join_Control}]|\u034f|\u115f|\u1160|\u2800|\u3164|\uffa0/u;

describe.each([
  { name: 'escapeUnseen', safe: escapeUnseen },
  { name: 'replaceUnseen', safe: replaceUnseen },
  { name: 'quote', safe: (text: string) => quote(text) },
  { name: 'a text that is cut', safe: (text: string) => escapeUnseen(text, 5) },
])('$name', ({ safe }) => {
  it('removes invisible, reordering and control characters, and halves of characters', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(safe(text)).not.toMatch(invisible);
        expect(safe(text).isWellFormed()).toBe(true);
      }),
    );
  });

  it('piles no more than four marks on a letter', () => {
    fc.assert(
      fc.property(foreign, fc.integer({ min: 5, max: 1_000 }), (text, marks) => {
        expect(safe(`${text}${'\u0301'.repeat(marks)}`)).not.toMatch(/\p{M}{5}/u);
      }),
    );
  });

  it('is the same the second time', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const once = escapeUnseen(text);
        expect(escapeUnseen(once)).toBe(once);
      }),
    );
  });
});

it.each([
  { text: 'GET /ünïcode/日本語', escaped: 'GET /ünïcode/日本語', replaced: 'GET /ünïcode/日本語' },
  { text: 'مرحبا', escaped: 'مرحبا', replaced: 'مرحبا' },
  { text: 'a\nb\u0000\u001b[31m', escaped: 'a\\x0ab\\x00\\x1b[31m', replaced: 'a�b��[31m' },
  { text: '\u202egnp.exe', escaped: '\\u202egnp.exe', replaced: '�gnp.exe' },
  { text: '\u200b\ufeff\u2028', escaped: '\\u200b\\ufeff\\u2028', replaced: '���' },
  { text: '\ud800', escaped: '\\ud800', replaced: '�' },
  { text: '\u{e0041}', escaped: '\\u{e0041}', replaced: '�' },
  { text: '\u3164', escaped: '\\u3164', replaced: '�' },
  {
    text: `a${'\u0301'.repeat(6)}`,
    escaped: `a${'\u0301'.repeat(4)}\\u0301\\u0301`,
    replaced: `a${'\u0301'.repeat(4)}��`,
  },
])('$text becomes $escaped, or $replaced', ({ text, escaped, replaced }) => {
  expect(escapeUnseen(text)).toBe(escaped);
  expect(replaceUnseen(text)).toBe(replaced);
});

it('quotes text as JSON does, and escapes the rest', () => {
  expect(quote('a"b\n\u202e', 80)).toBe('"a\\"b\\n\\u202e"');
  expect(quote('abcdef', 3)).toBe('"abc…"');
});

it('quotes bytes as ASCII and escapes', () => {
  expect(quoteBytes(Buffer.from('PK\x03"\\é'))).toBe('"PK\\x03\\x22\\x5c\\xc3\\xa9"');
  expect(quoteBytes(new Uint8Array(30).fill(0x41))).toBe(`"${'A'.repeat(24)}…"`);
});

it('cuts what is too long, between two characters', () => {
  expect(cut('x'.repeat(1_000_000), 5)).toBe('xxxxx…');
  expect(cut('ab😀', 3)).toBe('ab…');
  expect(cut('ab😀c', 4)).toBe('ab😀…');
  expect(cut('abc', 3)).toBe('abc');
});

it('has groups of three digits from the right', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(formatInteger(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});

describe('a number and what it counts', () => {
  it.each([
    [0, '0 users'],
    [1, '1 user'],
    [2, '2 users'],
    [12_345, '12,345 users'],
  ])('%i', (count, text) => {
    expect(counted(count, 'user')).toBe(text);
  });

  it('may have an irregular plural', () => {
    expect(counted(1, 'entry', 'entries')).toBe('1 entry');
    expect(counted(3, 'entry', 'entries')).toBe('3 entries');
  });
});

describe('sentenceCase', () => {
  it('begins with a capital, except where an instance id stands first', () => {
    expect(sentenceCase('the load was split')).toBe('The load was split');
    expect(sentenceCase('i-0abc fired nothing')).toBe('i-0abc fired nothing');
    expect(sentenceCase('')).toBe('');
  });
});
