/** What is said of a pair of Tsung and Erlang that cannot do all that a scenario asks for. */

import { expect, it } from 'vitest';
import { lackFindings } from '../../../../../../src/engine/tsung/check/reader/lacks.ts';
import { versionProblems } from '../../../../../../src/engine/tsung/check/versions.ts';
import { usesTls } from '../../../../../../src/engine/tsung/scenario/tls.ts';
import { parseTree, withAllBelow } from '../../../../../../src/engine/tsung/xml/tree.ts';

/** As `code offset: sentence`. */
function told(caller: string, xml: string): readonly string[] {
  const lack = { caller, called: 'crypto', call: 'crypto:gone/1', release: '30' };
  const elements = withAllBelow(parseTree(`<tsung>${xml}</tsung>`));
  const { problems, warnings } = lackFindings([lack], elements, (offset) => `${offset}`);
  return [...problems, ...warnings].map(
    ({ code, message, where }) => `${code} ${where}: ${message}`,
  );
}

it.each([
  ['oauth_hmac_sha1', '<http><oauth/></http>', 'OAuth', 13],
  ['ts_digest', '<http><www_authenticate type="digest"/></http>', 'a login with a digest', 13],
  ['ts_digest', '<jabber type="auth_set_sip"/>', 'a login with a digest', 7],
  ['ts_ssl', '<server type="ssl"/>', 'TLS', 7],
  ['ts_ssl6', '<change_type server_type="ssl6"/>', 'TLS', 7],
  ['ts_ssl', '<http url="https://a/"/>', 'TLS', 7],
  ['ts_ssl', '<jabber type="starttls"/>', 'TLS', 7],
  ['ts_bosh', '<server type="bosh_ssl"/>', 'BOSH', 7],
  ['ts_server_websocket_ssl', '<server type="websocket_ssl"/>', 'WebSocket', 7],
  ['ts_ldap_common', '<ldap type="bind"/>', 'LDAP', 7],
  ['ts_os_mon_snmp', '<monitor type="snmp"/>', 'monitoring by SNMP', 7],
])('%s is needed for %s', (caller, xml, what, offset) => {
  expect(told(caller, xml)).toEqual([
    `TSUNG_LACKS ${offset}: this Tsung cannot do ${what} with Erlang/OTP 30: its module ${caller} calls crypto:gone/1, which is not there`,
  ]);
});

it('warns of what only some answers need', () => {
  expect(told('ts_http', '<http url="/a"/><http url="/b"/>')).toEqual([
    'TSUNG_LACKS_SOME 7: this Tsung cannot do all of HTTP with Erlang/OTP 30: its module ts_http calls crypto:gone/1, which is not there',
  ]);
});

it.each([
  ['oauth_hmac_sha1', '<http url="/"/>'],
  ['ts_digest', '<http><www_authenticate type="basic"/></http>'],
  ['ts_ssl', '<server type="tcp"/><http url="/"/>'],
  ['ts_os_mon_snmp', '<monitor type="munin"/>'],
])('of %s nothing is said where the scenario does not need it', (caller, xml) => {
  expect(told(caller, xml)).toEqual([]);
});

it('knows a URL that may turn out to be https', () => {
  const uses = (url: string): boolean => usesTls(parseTree(`<a><http url="${url}"/></a>`));
  expect([uses('%%_url%%'), uses('/%%_path%%'), uses('http://a/%%_b%%')]).toEqual([
    ...[true, false, false],
  ]);
});

it('knows what only Tsung 1.8 can do', () => {
  const root = parseTree('<tsung><server type="websocket_ssl"/></tsung>');
  const problems = (version: string): readonly unknown[] =>
    versionProblems({ root, where: String }, version);
  expect(problems('1.7.0')).toMatchObject([{ code: 'TSUNG_LACKS', where: '7' }]);
  expect(problems('1.8.0')).toEqual([]);
});
