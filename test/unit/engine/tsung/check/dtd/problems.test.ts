/** What Tsung's DTD does not allow where it is. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dtdProblems } from '../../../../../../src/engine/tsung/check/dtd/problems.ts';
import { type DtdRules, readDtdRules } from '../../../../../../src/engine/tsung/xml/dtd-rules.ts';
import { parseTree } from '../../../../../../src/engine/tsung/xml/tree.ts';
import { temporaryFolder } from '../../../../../support/temporary.ts';

const dtd = `<!-- <!ELEMENT a EMPTY> -->
<!ELEMENT a (b?, (c | d)+, e*)>
<!ATTLIST a  level (low|high) "low"  id NMTOKEN #REQUIRED  text CDATA #IMPLIED >
<!ELEMENT b EMPTY> <!ELEMENT c EMPTY> <!ELEMENT d (#PCDATA)> <!ELEMENT e (a)>
<!ELEMENT session EMPTY>
<!ATTLIST session type (ts_http | ts_raw) #REQUIRED>`;

let dir = '';
let rules: DtdRules = new Map();
beforeAll(async () => {
  dir = await temporaryFolder('dtd');
  await writeFile(join(dir, 'a.dtd'), dtd);
  rules = await readDtdRules(join(dir, 'a.dtd'));
});

function told(text: string, by = rules): readonly string[] {
  const where = (offset: number): string => `${text.slice(0, offset).split('\n').length}`;
  const document = { root: parseTree(text), text, where, types: new Set(['ts_http']) };
  return dtdProblems(document, by).map(({ where: line, message }) => `${line} ${message}`);
}

describe('an attribute', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['that is allowed', '<a id="x-1" level="high" text="any thing"><c/></a>', []],
    ['with blanks around a word', '<a id=" x " level=" low"><c/></a>', []],
    ['that is missing', '<a><c/></a>', ['1 <a> needs the attribute "id"']],
    [
      'that is unknown, in its line',
      '<a id="1"\n colour="red"><c/></a>',
      ['2 <a> has no attribute "colour"'],
    ],
    [
      'of another value, in its line',
      '<a id="1"\n level="loud"><c/></a>',
      ['2 attribute "level" of <a> is "loud", which is not one of its values'],
    ],
    [
      'of two words',
      '<a id="1 2"><c/></a>',
      ['1 attribute "id" of <a> is "1 2", which is not a single word'],
    ],
    [
      'of no word',
      '<a id=""><c/></a>',
      ['1 attribute "id" of <a> is "", which is not a single word'],
    ],
    ['that is a session type which is not installed', '<session type="ts_gopher"/>', []],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

it.each([
  ['an attribute', '<a id="1" Levels="low"><c/></a>', 'did you mean "level"? see Tsung'],
  ['an element', '<a id="1"><c/><sesion/></a>', 'did you mean "session"? see Tsung'],
  ['nothing like any', '<a id="1" colour="red"><c/></a>', 'see Tsung'],
])('%s that is written wrong gets the right word', (_, text, hint) => {
  const document = { root: parseTree(text), text, where: () => '1', types: new Set<string>() };
  expect(
    dtdProblems(document, rules).map((problem) => problem.hint.slice(0, hint.length)),
  ).toContain(hint);
});

describe('an element', () => {
  const a = (inner: string): string => `<a id="1">${inner}</a>`;
  it.each<readonly [string, string, readonly string[]]>([
    ['in its place', a('<b/><d>text</d><c/><e><a id="2"><c/></a></e>'), []],
    ['that is unknown is told once', a('<c/>\n<x/>'), ['2 <x> is not an element that Tsung knows']],
    [
      'in an unknown one',
      a('<c/>\n<x><c id="1"/></x>'),
      ['2 <x> is not an element that Tsung knows', '2 <c> has no attribute "id"'],
    ],
    ['that is missing', a('<b/>'), ['1 <a> has none of c, d']],
    [
      'in another’s place',
      a('<c/>\n<session type="ts_http"/>'),
      ['2 <session> is not allowed in <a>'],
    ],
    ['behind its place', a('<c/>\n<b/>'), ['2 <b> comes after <c> in <a>, but belongs before it']],
    ['that is there twice', a('<b/>\n<b/><c/>'), ['2 <a> has more than one b']],
    ['beside blanks that are spelled', a('&#32;<c/>&#x0A;'), []],
    [
      'beside a blank that is not one of XML',
      a('\u00a0<c/>'),
      ['1 text "\u00a0" is not allowed in <a>'],
    ],
    ['beside text', a('<c/>\nword <c/>'), ['2 text "word" is not allowed in <a>']],
    ['in one that is empty', a('<c>\n<b/></c>'), ['2 <b> is not allowed in <c>']],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });
});

it('reports at most fifty problems', () => {
  expect(told(`<a id="1"><c/>${'<x/>'.repeat(60)}</a>`)).toHaveLength(50);
});

it('says that nothing is checked where there is no DTD', async () => {
  expect(told('<a/>', await readDtdRules(join(dir, 'none.dtd')))).toEqual([
    "undefined Tsung's DTD, which every scenario is checked against, is missing",
  ]);
});
