/**
 * Reading foreign bytes takes time in proportion to them: twice as much text, at most three times
 * the processor time. Each reader gets each piece over and over: alone, with an end that makes it
 * backtrack, and after a start that leads it there.
 */

import { describe, expect, it } from 'vitest';
import { literalAddress } from '../../src/engine/addresses.ts';
import { parseAllowances } from '../../src/engine/generator/proc.ts';
import { configErrorInWords } from '../../src/engine/tsung/run/config-error.ts';
import { lastActivity } from '../../src/engine/tsung/run/stalled.ts';
import { totalsOf } from '../../src/engine/tsung/run/totals.ts';
import { unansweredProblem } from '../../src/engine/tsung/run/unanswered.ts';
import { createMatcher } from '../../src/engine/tsung/scenario/session-matcher.ts';
import { parseDoctype } from '../../src/engine/tsung/xml/doctype.ts';
import { parseTree, unescapeXml } from '../../src/engine/tsung/xml/tree.ts';
import { failureOf } from '../../src/publish/bucket/s3-errors.ts';
import { redactText, redactUrl } from '../../src/redact.ts';
import { substituteVars } from '../../src/scenario/vars.ts';
import { mergeSettings } from '../../src/settings/merge.ts';
import { splitList } from '../../src/settings/raw.ts';
import { settingReaders } from '../../src/settings/schema.ts';
import { parseSlo } from '../../src/slo/parse.ts';
import { readUserData } from '../../src/user-data/decode.ts';
import { rangeOf } from '../../src/web/files/range.ts';

const place = {
  bucket: 'b',
  region: 'eu-west-1',
  endpoint: undefined,
  bucketOwner: undefined,
  kmsKey: undefined,
};
const mimeStart = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="a"\n';
const thrown = (message: string, more: object = {}): Error =>
  Object.assign(new Error(message), more);

/** Each with starts that lead to its expressions, besides none. */
const readers: readonly (readonly [
  name: string,
  read: (text: string) => unknown,
  starts?: readonly string[],
])[] = [
  [
    'user-data',
    (text) => readUserData(Buffer.from(text, 'latin1')),
    ['<!--', '<?xml version="1.0"', '#onager\n', 'UEsDB', `${mimeStart}\n`, `${mimeStart}X: `, '{'],
  ],
  [
    'a body in quoted-printable',
    (text) => readUserData(Buffer.from(`${mimeStart}\n${text}\n--a--\n`, 'latin1')),
    ['--a\nContent-Type: application/zip\nContent-Transfer-Encoding: quoted-printable\n\n'],
  ],
  [
    'settings',
    // The YAML library takes ten microseconds per character.
    (text) => mergeSettings([{ source: 'x', text: text.slice(0, text.length / 24) }]),
    ['slo: "', 'vars:\n  A: '],
  ],
  [
    'values of settings',
    (text) => Object.values(settingReaders).map((reader) => reader(text)),
    ['s3://', 's3://bucket/', 'https://', 'eu-', '1', 'alias/'],
  ],
  ['a list', splitList],
  ['a rule', parseSlo, ['p95 < ', 'transaction("', 'p']],
  ['redacted text', redactText, ['https://']],
  ['a redacted address', redactUrl, ['https://']],
  [
    'variables',
    (text) => substituteVars({ text, file: 'x', vars: {}, escapeValue: String }),
    ['${'],
  ],
  ['a DOCTYPE', parseDoctype, ['<!DOCTYPE tsung [', '<!DOCTYPE tsung PUBLIC "']],
  ['elements', parseTree, ['<tsung ']],
  ['character references', unescapeXml, ['&']],
  ['an address', literalAddress, ['fe80::1%']],
  ['names of sessions', (name) => createMatcher([name])(`${'*a'.repeat(8)}b`)],
  ['a name with asterisks', (name) => createMatcher(['a'.repeat(2_000)])(name)],
  [
    'what Tsung says',
    (text) => configErrorInWords(`Config Error, aborting !\n${text}`, ''),
    ['{invalid_xml, "', 'error_missing_element_declaration_in_DTD, '],
  ],
  [
    "Tsung's log",
    (text) => [lastActivity(text), unansweredProblem(totalsOf(text))],
    ['stats: users ', '# stats: dump at 1\nstats: '],
  ],
  ['counters of the network card', parseAllowances],
  [
    "S3's answers",
    (text) => [
      failureOf(thrown(text), place),
      failureOf(thrown('', { name: text, code: text }), place),
    ],
    ["expecting '"],
  ],
  ['a range', (text) => rangeOf(text, 10), ['bytes=']],
];

const pieces = [
  ...[' ', '\n', '\t', '\r\n', ' \n', '0', 'a', 'A', 'é', '/', '%', '*', '-', '.', ',', ';', ':'],
  ...['"', "'", '(', ')', '[', ']', '{', '<', '>', '&', '=', '=\n', '\\', '\\"', '\0', '$', '${a'],
  ...[
    '<!--',
    '<!---->',
    '<!-->',
    '-->',
    '<?',
    '<!ENTITY a "',
    '<!ENTITY a PUBLIC "" ',
    '<a ',
    'a=',
  ],
  ...['"" ', ' over ', ' a', 'a.', ').', 's3://', 'http://a@', '://', '?', '#', '&#', '&a', '.xml'],
  ...['\n--a', '\n--a\n', '\n--a \n\n', ', got ', '" for attribute a of b is not c\r', ' of '],
  ...['bad_filename,', 'error_missing_element_declaration_in_DTD,a', 'stats: users 1 ', '{undef,'],
];
const ends = ['', '!', '\u2028\n'];
const characters = 24_000;

const named = readers.map(([name, read, starts = []]) => ({ name, read, starts }));

describe.each(named)('$name', ({ read, starts }) => {
  it('takes time in proportion to its length', { timeout: 120_000 }, () => {
    for (const start of ['', ...starts]) {
      for (const piece of pieces) {
        for (const end of ends) {
          const text = (count: number): string =>
            `${start}${piece.repeat(count / piece.length)}${end}`;
          expect({ start, piece, end, growth: growthOf(read, text) }).toMatchObject({
            growth: 'in proportion',
          });
        }
      }
    }
  });
});

/** What takes next to nothing cannot be distinguished from noise, and need not be. */
const nothingMs = 60;

function growthOf(read: (text: string) => unknown, text: (count: number) => string): string {
  const times = (count: number): number => {
    const input = text(count);
    return Math.min(...Array.from({ length: 3 }, () => processorMs(() => read(input))));
  };
  const twice = processorMs(() => read(text(2 * characters)));
  if (twice < nothingMs) return 'in proportion';
  const [one, two] = [times(characters), times(2 * characters)];
  return two < nothingMs || two < 3 * one ? 'in proportion' : `${one} to ${two} ms`;
}

function processorMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  try {
    work();
  } catch {
    // A refusal with an explanation is an answer too.
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
