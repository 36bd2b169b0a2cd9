/** Words for those of Tsung's error counters whose names do not explain themselves. */

/**
 * The counter of an error, as the kind that it is shown as. The scenario's own code may make up a
 * counter of any name.
 */
export function errorInWords(name: string): string {
  if (name.startsWith('error_crash@')) return crashInWords(name.split('@').slice(1));
  if (name === 'error_bad_http_status')
    return `the answer's status is not from 100 to 599 (${name})`;
  const tls = /^error_(?:connect|send|inet)_tls_(\w+)$/.exec(name)?.[1];
  return tls === undefined ? name : `${tlsWords.get(tls) ?? `TLS: ${tls}`} (${name})`;
}

/** Whether somebody crashed, and whether it was a user: see erlang/onager_reason.erl. */
export function crashOf(counter: string): 'user' | 'other' | undefined {
  if (!counter.startsWith('error_crash@')) return undefined;
  return counter === othersTogether || counter.startsWith('error_crash@user@') ? 'user' : 'other';
}

const othersTogether = 'error_crash@other';

/** Alerts of TLS, and what erlang/onager_tls.erl tells apart. Either side may have sent one. */
const tlsWords = new Map(
  Object.entries({
    bad_certificate: 'TLS: the certificate is refused',
    certificate_expired: 'TLS: the certificate has expired or is not valid yet',
    certificate_required: 'TLS: the target asks for a certificate of the client',
    certificate_revoked: 'TLS: the certificate is revoked',
    certificate_unknown: 'TLS: the certificate is refused',
    failed: 'TLS: the connection failed',
    handshake_failure: 'TLS: both sides cannot agree on version, cipher and certificate',
    options: 'TLS: this Erlang refuses the options of the connection',
    protocol_version: 'TLS: both sides have no version in common',
    self_signed: 'TLS: the certificate is signed by itself',
    unknown_ca: 'TLS: the certificate is signed by an unknown authority',
    unrecognized_name: 'TLS: the target does not know this host name',
    unsupported_certificate: 'TLS: the certificate is of an unsupported kind',
    wrong_name: 'TLS: the certificate is for another host name',
  }),
);

/** Reasons that Tsung itself gives to end a user, without a crash. */
const endings = new Map(
  Object.entries({
    error: 'its connection closed as it sent, and its session opens no other',
    set_profile_error:
      'a step of its session is missing: is it of another protocol than the session?',
  }),
);

/** The parts are in erlang/onager_reason.erl. */
function crashInWords([who = '', owner = '', ...parts]: readonly string[]): string {
  if (owner === '') return 'user crashed for other reasons';
  const hasPlace = owner === 'own' || owner === 'tsung' || owner === 'onager';
  const place = hasPlace ? functionOf(parts) : '';
  const [kind = '', ...called] = parts.slice(hasPlace ? 3 : 0);
  const ending = owner === 'none' ? endings.get(kind) : undefined;
  if (ending !== undefined) return `${who} ended by Tsung: ${ending} (${kind})`;
  const what = whatHappened(kind, called);
  if (owner === 'none') return `${who} crashed: ${what}`;
  if (owner === 'eval') return `${who} crashed in the scenario's own code (eval): ${what}`;
  if (owner === 'own') {
    const why = what === 'undefined' ? ' undefined' : `: ${what}`;
    return `${who} crashed in the scenario's own code: ${place}${why}`;
  }
  return `${who} crashed in ${place} (${owner === 'tsung' ? 'Tsung' : 'Onager'}): ${what}`;
}

function whatHappened(kind: string, called: readonly string[]): string {
  if (kind === 'undef')
    return called.length === 0 ? 'undefined' : `${functionOf(called)} undefined`;
  return called.length === 0 ? kind : `${kind} in ${functionOf(called)}`;
}

function functionOf([module, name, arity]: readonly string[]): string {
  return `${module}:${name}/${arity}`;
}
