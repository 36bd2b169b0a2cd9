/** Variables that are set and never used, or used and never set. */

import { describe, expect, it } from 'vitest';
import { variableWarnings } from '../../../../../../src/engine/tsung/check/variables/names.ts';
import { parseTree } from '../../../../../../src/engine/tsung/xml/tree.ts';

function warningsOf(...sessions: readonly string[]): readonly string[] {
  const inside = sessions.map((content, at) => `<session name="s${at}">${content}</session>`);
  const text = `<tsung>${inside.join('')}</tsung>`;
  const where = (offset: number): string => text.slice(offset, offset + 12);
  return variableWarnings({ root: parseTree(text), text, where }).map(
    ({ code, message, hint }) => `${code}: ${message} (${hint})`,
  );
}

const row =
  '<setdynvars sourcetype="file" fileid="f"><var name="id"/><var name="email"/></setdynvars>';
const request = (url: string, dynVariable = '') =>
  `<request subst="true">${dynVariable}<http url="${url}"/></request>`;

describe('a variable', () => {
  it('that nothing uses is told, a line of a file as one', () => {
    expect(warningsOf(row + request('/'))).toEqual([
      'TSUNG_VAR_UNUSED: nothing in session "s0" uses "id", "email" (write %%_id%% where its value belongs, or leave it out)',
    ]);
    expect(warningsOf(request('/', '<dyn_variable name="token" jsonpath="token"/>'))).toEqual([
      'TSUNG_VAR_UNUSED: nothing in session "s0" uses "token" (write %%_token%% where its value belongs, or leave it out)',
    ]);
    expect(warningsOf(row + request('/%%_email%%'))).toEqual([]);
  });

  it('that nothing sets is told once, with the one that was meant', () => {
    const typo = request('/%%_emal%%') + request('/%%_emal%%/%%_email%%');
    expect(warningsOf(row + typo)).toEqual([
      'TSUNG_VAR_UNSET: nothing in session "s0" sets the variable "emal" (did you mean "email"? Tsung sends "undefined" in its place)',
    ]);
    expect(warningsOf(request('/%%_x%%'))).toEqual([
      'TSUNG_VAR_UNSET: nothing in session "s0" sets the variable "x" (set it by <setdynvars> or <dyn_variable>: Tsung sends "undefined" in its place)',
    ]);
  });

  it('belongs to its session', () => {
    expect(warningsOf(row + request('/%%_id%%'), request('/%%_id%%'))).toMatchObject([
      expect.stringContaining('TSUNG_VAR_UNSET: nothing in session "s1"'),
    ]);
  });

  it.each([
    ['a loop', `<for var="i" from="1" to="3">${request('/%%_i%%')}</for>`],
    ['a loop that only counts', `<for var="i" from="1" to="3">${request('/')}</for>`],
    [
      'a loop over a list',
      `${request('/', '<dyn_variable name="l" re="x"/>')}<foreach name="e" in="l">${request('/%%_e%%/%%_e_iter%%')}</foreach>`,
    ],
    ['a condition', `${row}<if var="email" eq="a">${request('/')}</if>`],
    [
      'the end of a loop',
      `${row}<repeat name="r">${request('/%%_r%%')}<until var="id" eq="a"/></repeat>`,
    ],
    ['a pause', `${row}<thinktime value="%%_id%%"/>`],
    [
      'a variable of another',
      `${row}<setdynvars sourcetype="jsonpath" from="id" jsonpath="a"><var name="a"/></setdynvars>${request('/%%_a%%')}`,
    ],
    ['Tsung itself', request('/%%_tsung_userid%%')],
    ['code, which may use any', `${row}${request('/%%my:own%%')}`],
    [
      'a body in a file, which may use any',
      `${row}<request subst="true"><http url="/" contents_from_file="b"/></request>`,
    ],
  ])('is used, or set, by %s', (_, content) => {
    expect(warningsOf(content)).toEqual([]);
  });
});
