/**
 * Decides how much will be known about each request of a scenario.
 *
 * Where every session speaks HTTP (or WebDAV), Tsung's dump has a row for each request: `each`. As
 * soon as one session speaks another protocol, no dump is written at all, and every request, HTTP
 * or not, is one duration without a name from fullstats: `overall`. Two sources for one total would
 * count some requests twice or not at all. Without samples: `intervals`.
 */

import type { Sampling } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';

/**
 * Tsung looks at the clock before it opens the connection that a request needs, and again when the
 * answer is whole; it writes milliseconds with a fraction.
 */
const measured = { duration: 'total', resolutionUs: 1 } as const;

/** Modules whose `dump` function writes rows. */
const dumped = new Set(['ts_http', 'ts_webdav']);

export function requestSampling(root: Element, samples: boolean): Sampling {
  const types = new Set([
    ...descendants(root, 'session').map((session) => session.attribute('type') ?? ''),
    ...descendants(root, 'change_type').map((change) => change.attribute('new_type') ?? ''),
  ]);
  const requestName = [...types].map((type) => type.replace(/^ts_/, '')).join(' + ');
  if (!samples) {
    const note =
      'samples are switched off: Tsung gives counts and means per second, no percentiles';
    return { requests: 'intervals', requestName, note, ...measured };
  }
  const enclosing = enclosingTransactions(root);
  if ([...types].every((type) => dumped.has(type))) {
    return { requests: 'each', ...measured, ...enclosing };
  }
  const note =
    'not every session speaks HTTP: Tsung gives the duration of every request, but not by name';
  return { requests: 'overall', requestName, note, ...measured, ...enclosing };
}

function enclosingTransactions(root: Element): Pick<Sampling, 'enclosing'> {
  const enclosing = descendants(root, 'transaction')
    .filter((transaction) => descendants(transaction, 'transaction').length > 1)
    .map((transaction) => transaction.attribute('name') ?? '');
  return enclosing.length === 0 ? {} : { enclosing: [...new Set(enclosing)] };
}
