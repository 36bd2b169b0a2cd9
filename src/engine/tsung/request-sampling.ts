/**
 * Which of a scenario's requests will be known how well.
 *
 * Where every session speaks HTTP (or WebDAV), Tsung's dump has a row for each request: `each`. As soon as one session speaks another
 * protocol, no dump is written at all, and every request, HTTP or not, is one duration without a name from fullstats:
 * `overall`. Two sources for one total would count some requests twice or not at all. Without samples: `intervals`.
 */

import type { RunNotes } from './run-notes.ts';
import { descendants, type Element } from './xml-tree.ts';

/** Modules whose `dump` function writes rows. */
const dumped = new Set(['ts_http', 'ts_webdav']);

export function requestSampling(root: Element, samples: boolean): RunNotes {
  const types = new Set([
    ...descendants(root, 'session').map((session) => session.attribute('type') ?? ''),
    ...descendants(root, 'change_type').map((change) => change.attribute('new_type') ?? ''),
  ]);
  const requestName = [...types].map((type) => type.replace(/^ts_/, '')).join(' + ');
  if (!samples) return { requests: 'intervals', requestName };
  const isDumped = [...types].every((type) => dumped.has(type));
  const enclosing = descendants(root, 'transaction')
    .filter((transaction) => descendants(transaction, 'transaction').length > 1)
    .map((transaction) => transaction.attribute('name') ?? '');
  return {
    requests: isDumped ? 'each' : 'overall',
    requestName,
    ...(enclosing.length === 0 ? {} : { enclosing: [...new Set(enclosing)] }),
  };
}
