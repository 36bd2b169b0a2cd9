/** Variables that would be sent as they are written. */

import { describe, expect, it } from 'vitest';
import { unsubstituted } from '../../../../../../src/engine/tsung/check/variables/substitution.ts';
import { parseTree } from '../../../../../../src/engine/tsung/xml/tree.ts';

function warningsOf(session: string): readonly string[] {
  const text = `<tsung>${session}</tsung>`;
  const where = (offset: number): string => text.slice(offset, offset + 12);
  return unsubstituted({ root: parseTree(text), text, where }).map(
    ({ code, message, hint }) => `${code}: ${message} (${hint})`,
  );
}

const hint = '(write <request subst="true"> to have the value in its place)';

describe('a variable is sent as it is written', () => {
  it.each([
    ['<http url="/items/%%_token%%"/>', '"%%_token%%" in url of <http>'],
    ['<http url="/" contents="a=%%_a%%&amp;b=%%_b%%"/>', '"%%_a%%" in contents of <http>'],
    [
      '<http url="/"><http_header name="A" value="B %%_c%%"/></http>',
      '"%%_c%%" in value of <http_header>',
    ],
    ['<http url="/%%mod:next%%"/>', '"%%mod:next%%" in url of <http>'],
    [
      '<websocket type="message">hello %%_name%%</websocket>',
      '"%%_name%%" in the text of <websocket>',
    ],
  ])('in a request without subst: %s', (content, what) => {
    const told = [`TSUNG_SUBST: ${what} stays as it is written ${hint}`];
    expect(warningsOf(`<request>${content}</request>`)).toEqual(told);
    expect(warningsOf(`<request subst="false">${content}</request>`)).toEqual(told);
    expect(warningsOf(`<request subst="true">${content}</request>`)).toEqual([]);
  });

  it('in a match without subst, whatever its request has', () => {
    const match = (subst: string) =>
      `<request subst="true"><match do="abort"${subst}>id %%_id%%</match><http url="/%%_id%%"/></request>`;
    expect(warningsOf(match(''))).toEqual([
      'TSUNG_SUBST: "%%_id%%" in the text of <match> stays as it is written (write <match subst="true"> to have the value in its place)',
    ]);
    expect(warningsOf(match(' subst="true"'))).toEqual([]);
  });

  it('once a request, and never where there is none', () => {
    expect(
      warningsOf('<request><http url="/%%_a%%/%%_b%%" contents="%%_c%%"/></request>'),
    ).toHaveLength(1);
    expect(warningsOf('<request><http url="/100%%25?x=50%%"/></request>')).toEqual([]);
    expect(warningsOf('<request><!-- %%_a%% --><http url="/"/></request>')).toEqual([]);
    expect(warningsOf('<thinktime value="%%_pause%%"/>')).toEqual([]);
  });
});
