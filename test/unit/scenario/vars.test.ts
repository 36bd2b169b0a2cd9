/** Variables of the entry file. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested

import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { substituteVars } from '../../../src/scenario/vars.ts';

const xml = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

function substitute(text: string, vars: Record<string, string> = {}) {
  return substituteVars({ text, file: 'tsung.xml', vars, escapeValue: xml });
}

describe('variables', { timeout: 30_000 }, () => {
  it.for([
    { text: 'host="${HOST}"', result: 'host="shop.test"', title: 'are replaced' },
    { text: '${HOST}${HOST}', result: 'shop.testshop.test', title: 'are replaced each time' },
    { text: '${QUOTED}', result: 'a&quot;&amp;b', title: 'are escaped' },
    { text: '$${HOST}', result: '${HOST}', title: 'are literal after a second dollar' },
    { text: '$$${HOST}', result: '$${HOST}', title: 'lose one dollar only' },
    { text: '$${UNKNOWN}', result: '${UNKNOWN}', title: 'need not be set to be literal' },
    { text: '%%_host%%', result: '%%_host%%', title: "leave Tsung's own alone" },
    {
      text: '$HOST ${} ${1} ${a-b} ${ HOST }',
      result: '$HOST ${} ${1} ${a-b} ${ HOST }',
      title: 'have plain names in braces',
    },
    { text: '${NESTED}', result: '${HOST}', title: 'are not looked for in values' },
    { text: '${DOLLARS}', result: "$& $' $1", title: 'may have values full of dollars' },
    { text: '${EMPTY}', result: '', title: 'may be empty' },
    { text: '${_a1}', result: 'x', title: 'may begin with an underscore' },
  ])('$title', ({ text, result }) => {
    const vars = {
      HOST: 'shop.test',
      QUOTED: 'a"&b',
      NESTED: '${HOST}',
      DOLLARS: "$& $' $1",
      EMPTY: '',
      _a1: 'x',
    };
    expect(substitute(text, vars)).toMatchObject({
      text: result.replaceAll('&', (sign) => (text === '${DOLLARS}' ? '&amp;' : sign)),
      problems: [],
    });
  });

  it('that are unset are all reported, each with its place and how to set it', () => {
    const { problems } = substitute('<a b="${ONE}"\r\n  c="é ${toString} ${ONE}"/>');
    expect(problems).toMatchObject([
      { code: 'VAR_UNSET', where: 'tsung.xml:1:7', message: expect.stringContaining('"ONE"') },
      { code: 'VAR_UNSET', where: 'tsung.xml:2:8', message: expect.stringContaining('"toString"') },
      { code: 'VAR_UNSET', where: 'tsung.xml:2:20' },
    ]);
    expect(problems[0]?.hint).toMatch(/onager\.yaml.*onager:vars\.ONE.*--var ONE=.*\$\$\{ONE\}/);
  });

  it('that nothing uses are warned of', () => {
    const { problems, warnings } = substitute('${A} $${B}', { A: '1', B: '2' });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'VAR_UNUSED', where: 'vars.B' }]);
  });

  it('that are offered to every scenario may go unused, but not unset', () => {
    const offer = { vars: { A: '1', B: '2' }, offeredVars: ['A', 'C'] };
    const { problems, warnings } = substituteVars({
      text: '${C}',
      file: 'tsung.xml',
      ...offer,
      escapeValue: xml,
    });
    expect(problems).toMatchObject([{ code: 'VAR_UNSET' }]);
    expect(warnings).toMatchObject([{ code: 'VAR_UNUSED', where: 'vars.B' }]);
  });

  it('leave any text without references as it is', async () => {
    await assert(
      property(string({ unit: 'binary' }), (text) => {
        const plain = text.replaceAll('${', '');
        expect(substitute(plain).text).toBe(plain);
      }),
    );
  });

  it('can carry any value, and any text can be written', async () => {
    await assert(
      property(string(), string({ unit: 'binary' }), (before, value) => {
        const literal = before.replaceAll(/\$(?=\$*\{)/g, '');
        const { text } = substituteVars({
          text: `${literal}\${X}`,
          file: 'x',
          vars: { X: value },
          escapeValue: (escaped) => escaped,
        });
        expect(text).toBe(literal.endsWith('$') ? `${literal.slice(0, -1)}\${X}` : literal + value);
      }),
    );
  });
});
