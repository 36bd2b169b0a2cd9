/**
 * Warns about parts of a valid scenario that its author may not intend.
 */

import type { Problem } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import { isLoopback } from '../../addresses.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { targetsOf } from '../scenario/targets.ts';
import { descendants } from '../xml/tree.ts';
import { variableWarnings } from './variables/names.ts';
import { unsubstituted } from './variables/substitution.ts';

/** The port of Onager's page on an instance. */
const pagePort = 80;

const options = [
  ...['bosh_path', 'connect_timeout', 'file_server', 'global_ack_timeout', 'global_number'],
  ...['hibernate', 'idle_timeout', 'ip_transparent', 'job_notify_port', 'max_retries'],
  ...['max_ssh_startup_per_core', 'ports_range', 'rate_limit', 'retry_timeout', 'seed'],
  ...['ssl_ciphers', 'ssl_reuse_sessions', 'ssl_versions', 'tcp_rcv_buffer', 'tcp_reuseaddr'],
  ...['tcp_reuseport', 'tcp_snd_buffer', 'thinktime', 'udp_rcv_buffer', 'udp_snd_buffer'],
  ...['websocket_frame', 'websocket_path', 'websocket_subprotocols'],
];
const optionsSince18 = [
  ...['ip_bind_address_no_port', 'local_file_server', 'ssl_disable_sni', 'websocket_origin'],
];

export function scenarioWarnings(prepared: Prepared, version: string): readonly Problem[] {
  return [
    ...unknownOptions(prepared, version),
    ...silent(prepared),
    ...loopback(prepared),
    ...unsubstituted(prepared),
    ...variableWarnings(prepared),
  ];
}

/** A protocol's own module reads its options (`type`), and rejects unknown ones. */
function unknownOptions({ root, where }: Prepared, version: string): readonly Problem[] {
  const isOld = /^1\.[0-7](\.|$)/.test(version);
  const known = isOld ? options : [...options, ...optionsSince18];
  return descendants(root, 'option').flatMap((option) => {
    const name = option.attribute('name') ?? '';
    if (known.includes(name) || option.attribute('type') !== undefined) return [];
    const meant = nearest(name, known);
    const since = optionsSince18.includes(name) ? '; Tsung 1.8 does' : '';
    return [
      {
        code: 'TSUNG_OPTION_IGNORED',
        message: `option "${name}" does nothing: Tsung ${version} does not know it${since}`,
        hint: meant === undefined ? 'leave it out' : `did you mean "${meant}"?`,
        where: where(option.start),
      },
    ];
  });
}

function silent({ root, where }: Prepared): readonly Problem[] {
  return descendants(root, 'session')
    .filter((session) => descendants(session, 'request').length === 0)
    .map((session) => ({
      code: 'TSUNG_SESSION_SILENT',
      message: `session "${session.attribute('name') ?? ''}" sends nothing`,
      hint: 'it has no <request>: add one, or leave the session out',
      where: where(session.start),
    }));
}

/**
 * The author's `localhost` is not the machine that generates the load. A target that Onager offers,
 * as in a rehearsal, is intended.
 */
function loopback({ root, scenario, where }: Prepared): readonly Problem[] {
  const offered = (scenario.offeredVars ?? []).map((name) => scenario.vars[name]);
  const seen = new Set<string>();
  return targetsOf(root).flatMap(({ host, port, element }) => {
    const place = `${host}:${port}`;
    if (!isLoopback(host) || seen.has(place)) return [];
    seen.add(place);
    if (offered.includes(host) && offered.includes(String(port))) return [];
    const page = port === pagePort ? ', and its port 80 is the page of Onager' : '';
    return [
      {
        code: 'TARGET_LOOPBACK',
        message: `"${host}" is the machine that generates the load${page}`,
        hint: 'name the site to test, unless it runs there',
        where: where(element.start),
      },
    ];
  });
}
