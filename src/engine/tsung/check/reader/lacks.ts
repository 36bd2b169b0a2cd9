/**
 * Says what a scenario asks for that the installed pair of Tsung and Erlang cannot do, because one
 * of Tsung's modules calls a function that Erlang does not have and Onager does not add.
 */

import type { Problem } from '../../../../errors.ts';
import { opensTls } from '../../scenario/tls.ts';
import type { Where } from '../../xml/source-map.ts';
import type { Element } from '../../xml/tree.ts';

/** `call`: such as `crypto:hmac/3`, of the module `called`, made by Tsung's module `caller`. */
export type Lack = Readonly<{ caller: string; called: string; call: string; release: string }>;

type Part = Readonly<{
  /** Modules of Tsung that only this part needs. */
  modules: RegExp;
  what: string;
  needs(element: Element): boolean;
}>;

const parts: readonly Part[] = [
  { modules: /^oauth/, what: 'OAuth', needs: ({ name }) => name === 'oauth' },
  { modules: /^ts_digest$/, what: 'a login with a digest', needs: isDigest },
  { modules: /^ts_ssl/, what: 'TLS', needs: opensTls },
  { modules: /^ts_bosh/, what: 'BOSH', needs: (element) => /^bosh/.test(typeOf(element)) },
  {
    modules: /^(?:ts_ldap|rfc4515_parser$)/,
    what: 'LDAP',
    needs: ({ name }) => name === 'ldap',
  },
  { modules: /^(?:ts_mqtt|mqtt_)/, what: 'MQTT', needs: ({ name }) => name === 'mqtt' },
  { modules: /^(?:ts_amqp|rabbit_)/, what: 'AMQP', needs: ({ name }) => name === 'amqp' },
  { modules: /^(?:ts_pgsql|pgsql_)/, what: 'PostgreSQL', needs: ({ name }) => name === 'pgsql' },
  { modules: /^ts_mysql/, what: 'MySQL', needs: ({ name }) => name === 'mysql' },
  { modules: /^(?:ts_jabber|uuid$)/, what: 'XMPP', needs: ({ name }) => name === 'jabber' },
  {
    modules: /^(?:ts_websocket|ts_server_websocket|websocket$)/,
    what: 'WebSocket',
    needs: (element) => element.name === 'websocket' || /^websocket/.test(typeOf(element)),
  },
  {
    modules: /^ts_os_mon_snmp$/,
    what: 'monitoring by SNMP',
    needs: (element) => element.name === 'monitor' && element.attribute('type') === 'snmp',
  },
];

/** Tsung comes there with some answers only, such as those in chunks. */
const http: Part = {
  modules: /^(?:ts_http|ts_webdav)/,
  what: 'HTTP',
  needs: ({ name }) => name === 'http',
};

/** Packages of Debian and Ubuntu by the modules that they are installed for. */
const packages: Readonly<Record<string, string>> = {
  ELDAPv3: 'erlang-eldap',
  eldap: 'erlang-eldap',
  snmpm: 'erlang-snmp',
  httpd_util: 'erlang-inets',
  ssl: 'erlang-ssl',
  public_key: 'erlang-public-key',
  crypto: 'erlang-crypto',
};

/** `elements`: all of the scenario. A part is told once. */
export function lackFindings(
  lacks: readonly Lack[],
  elements: readonly Element[],
  where: Where,
): Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const found = (some: readonly Part[], said: Said): readonly Problem[] =>
    some.flatMap((part) => {
      const lack = lacks.find(({ caller }) => part.modules.test(caller));
      const element = elements.find(part.needs);
      if (lack === undefined || element === undefined) return [];
      return [{ ...inWords(part, lack, said), where: where(element.start) }];
    });
  return {
    problems: found(parts, { code: 'TSUNG_LACKS', cannot: 'cannot do' }),
    warnings: found([http], { code: 'TSUNG_LACKS_SOME', cannot: 'cannot do all of' }),
  };
}

type Said = Readonly<{ code: Problem['code']; cannot: string }>;

function inWords({ what }: Part, lack: Lack, { code, cannot }: Said): Problem {
  const { caller, called, call, release } = lack;
  const known = packages[called];
  const install = known === undefined ? '' : `apt-get install ${known}, if it is not there; else `;
  return {
    code,
    message: `this Tsung ${cannot} ${what} with Erlang/OTP ${release}: its module ${caller} calls ${call}, which is not there`,
    hint: `${install}use another release of Erlang, or leave that out of the scenario`,
  };
}

function isDigest(element: Element): boolean {
  const type = element.attribute('type') ?? '';
  if (element.name === 'www_authenticate') return type === 'digest';
  return element.name === 'jabber' && /^auth_set_(?:digest|sip)$/.test(type);
}

function typeOf(element: Element): string {
  if (element.name === 'server') return element.attribute('type') ?? '';
  return element.name === 'change_type' ? (element.attribute('server_type') ?? '') : '';
}
