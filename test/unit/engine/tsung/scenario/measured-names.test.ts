/** What transactions and requests are called in the results. */

import { expect, it } from 'vitest';
import { measuredNames } from '../../../../../src/engine/tsung/scenario/measured-names.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';

const scenario = (requests: string, type = 'ts_http') =>
  parseTree(`<tsung><session name="s" type="${type}">${requests}</session></tsung>`);

it('are the transactions as they are written', () => {
  const requests =
    '<transaction name="a"><transaction name="b"/></transaction><interaction id="c"/>';
  expect(measuredNames(scenario(requests), true).transaction).toEqual(['a', 'b', 'c']);
});

it.each([
  ['<request><http url="/a?b#c"/></request>', 'GET /a'],
  ['<request><http url="/a" method="POST"/></request>', 'POST /a'],
  ['<request tag="buy"><http url="/a"/></request>', 'buy'],
  ['<request subst="true"><http url="/a/%%_b%%/c"/></request>', 'GET /a/*/c'],
  ['<request subst="true"><http url="%%_url%%"/></request>', 'GET *'],
  ['<request><http url="https://host:81/a?b"/></request>', 'GET */a'],
  ['<request><http url="https://host"/></request>', 'GET *'],
])('are requests by tag, or by method and path: %s', (request, name) => {
  expect(measuredNames(scenario(request), true).request).toEqual([name]);
});

it.each([
  ['<websocket type="message">x</websocket>', 'websocket*'],
  ['<jabber type="auth_get" ack="local"/>', 'jabber*'],
])('are those of another protocol by its name: %s', (content, name) => {
  const request = `<request>${content}<match do="log" when="match">a</match></request>`;
  expect(measuredNames(scenario(request), true).request).toEqual([name]);
});

it('are one name for all requests where no row tells them apart', () => {
  const request = '<request><http url="/a"/></request>';
  expect(measuredNames(scenario(request), false).request).toEqual(['http']);
});
