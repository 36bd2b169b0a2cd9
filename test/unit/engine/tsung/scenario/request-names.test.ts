/** Which requests are named by their URL as it is written, and what that name is. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Machine } from '../../../../../src/engine/engine.ts';
import { templateOf } from '../../../../../src/engine/tsung/output/template-tag.ts';
import { prepare } from '../../../../../src/engine/tsung/scenario/prepare.ts';
import { requestNames } from '../../../../../src/engine/tsung/scenario/request-names.ts';
import { applyEdits } from '../../../../../src/engine/tsung/xml/edits.ts';
import { descendants, parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

type Options = Readonly<{
  names?: Machine['names'];
  samples?: boolean;
  options?: string;
  types?: readonly string[];
  vars?: Readonly<Record<string, string>>;
}>;

/** For each request its tag, or the path in it, and what is told of the change. */
async function named(
  requests: string,
  {
    names = 'template',
    samples = true,
    options = '',
    types = ['ts_http'],
    vars = {},
  }: Options = {},
): Promise<Readonly<{ paths: readonly (string | undefined)[]; changes: readonly string[] }>> {
  const dir = await temporaryFolder('request-names');
  const sessions = types.map((type) => `<session name="s" type="${type}">${requests}</session>`);
  const text = `<tsung><options>${options}</options><sessions>${sessions.join('')}</sessions></tsung>`;
  await writeFile(join(dir, 'tsung.xml'), text);
  const scenario = { dir, files: ['tsung.xml'], entry: 'tsung.xml', vars };
  const prepared = await prepare(scenario, '/nowhere/tsung-1.0.dtd');
  const { edits, changes } = requestNames(prepared, { names, samples });
  const tags = descendants(parseTree(applyEdits(prepared.text, edits)), 'request').map((request) =>
    request.attribute('tag'),
  );
  return {
    paths: tags.map((tag) => (tag === undefined ? undefined : (templateOf(tag) ?? tag))),
    changes: changes.map(({ what, where }) => `${where}: ${what}`),
  };
}

const request = (url: string, attributes = 'subst="true"'): string =>
  `<request ${attributes}><http url="${url}" method="GET"/></request>`;

it.each([
  ['a variable in the path', '/items/%%_token%%', '/items/%%_token%%'],
  ['the value of a function', '/%%my_module:next%%/a', '/%%my_module:next%%/a'],
  ['two variables', '/%%_a%%/%%_b%%?%%_c%%', '/%%_a%%/%%_b%%'],
  ['a whole URL from a file', '%%_url%%', '%%_url%%'],
  ['another host', 'https://other:8443/a/%%_b%%#c', '/a/%%_b%%'],
  ['a host that varies', 'http://%%_host%%/a/%%_b%%', '/a/%%_b%%'],
  ['entities and quotes', '/%%_a%%/&amp;&lt;&quot;&#39;;,', '/%%_a%%/&<"\';,'],
  ['a letter beyond ASCII', '/käse/%%_a%%', '/käse/%%_a%%'],
  ['a line end', '/a&#10;b/%%_a%%', '/a\nb/%%_a%%'],
  ['a blank', '/a b/%%_a%%', '/a b/%%_a%%'],
  ['a variable of Onager beside it', `/\${REALM}/%%_a%%`, '/shop/%%_a%%'],
  ['a variable in the query only', '/search?q=%%_word%%', undefined],
  ['a variable in the fragment only', '/a#%%_word%%', undefined],
  ['a host that varies, only', 'http://%%_host%%/a', undefined],
  ['no variable', '/a', undefined],
  ['a percent sign', '/100%%', undefined],
  ['a variable of Onager only', `/\${REALM}`, undefined],
  ['nothing', '', undefined],
])('with %s', async (_what, url, path) => {
  expect((await named(request(url), { vars: { REALM: 'shop' } })).paths).toEqual([path]);
});

it.each([
  ['a tag of its own', 'subst="true" tag="pay"', 'pay'],
  ['the tag that stands for none', 'subst="true" tag="undefined"', '/%%_a%%'],
  ['its body left alone', 'subst="all_except_body"', '/%%_a%%'],
  ['nothing replaced', 'subst="false"', undefined],
  ['nothing said', '', undefined],
])('a request with %s', async (_what, attributes, tag) => {
  expect((await named(request('/%%_a%%', attributes))).paths).toEqual([tag]);
});

it('keeps the host of a URL that is asked of a proxy', async () => {
  const options = '<option type="ts_http" name="http_use_server_as_proxy" value="true"/>';
  const { paths } = await named(request('http://other/%%_a%%?b'), { options });
  expect(paths).toEqual(['http://other/%%_a%%']);
});

it('leaves requests of other protocols alone', async () => {
  const message =
    '<request subst="true"><websocket type="message">%%_a%%/%%_b%%</websocket></request>';
  expect((await named(message)).paths).toEqual([undefined]);
});

it.each<[string, Options]>([
  ['the settings ask for URLs', { names: 'url' }],
  ['there are no samples', { samples: false }],
])('changes nothing where %s', async (_what, options) => {
  const { paths, changes } = await named(request('/%%_a%%'), options);
  expect(paths).not.toContain('/%%_a%%');
  expect(changes).toEqual([]);
});

it('says once what it changed', async () => {
  const one = await named(request('/a/%%_b%%?c'));
  expect(one.changes).toEqual([
    'tsung.xml:1: a request whose URL holds a variable is named by the URL as it is written, "GET /a/%%_b%%"',
  ]);
  const two = await named(request('/a/%%_b%%') + request('/c') + request('/%%_d%%'));
  expect(two.changes).toEqual([
    'tsung.xml:1: 2 requests whose URL holds a variable are named by the URL as it is written, such as "GET /a/%%_b%%"',
  ]);
});

it.each(['template', 'url'] as const)(
  'a secret in a path is in no name (names: %s)',
  async (names) => {
    const vars = { API_TOKEN: 'abc123def', TARGET: 'boots' };
    const { paths, changes } = await named(
      request(`/token/\${API_TOKEN}/x`, '') + request(`/shop/\${TARGET}`, ''),
      { names, vars },
    );
    expect(paths).toEqual([`/token/\${API_TOKEN}/x`, undefined]);
    expect(changes.join()).toContain('a request whose URL holds a secret is named');
    expect(changes.join()).not.toContain('abc123def');
  },
);
