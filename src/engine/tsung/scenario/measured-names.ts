/** What the transactions and requests of a scenario are called in its results. */

import type { ScenarioNames } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { requestSampling } from './request-sampling.ts';

/** `samples`: whether the run is to have a row for each request at all. */
export function measuredNames(root: Element, samples: boolean): ScenarioNames {
  const transactions = [
    ...descendants(root, 'transaction').map((element) => element.attribute('name') ?? ''),
    ...descendants(root, 'interaction').map((element) => element.attribute('id') ?? ''),
  ];
  const { requests, requestName } = requestSampling(root, samples);
  const known =
    requests === 'each' ? descendants(root, 'request').flatMap(namesOf) : [requestName ?? ''];
  return { transaction: [...new Set(transactions)], request: [...new Set(known)] };
}

/** As a row of Tsung's dump is named: by its tag, else by its method and path. */
function namesOf(request: Element): readonly string[] {
  const tag = request.attribute('tag') ?? 'undefined';
  if (tag !== 'undefined') return [tag];
  return descendants(request, 'http').map((http) => {
    const url = (http.attribute('url') ?? '').replace(/%%[^%]*%%/g, '*');
    // With a proxy Tsung names the whole URL.
    const path = url.replace(/^https?:\/\/[^/?#]*/i, '*').replace(/[?#].*$/s, '');
    return `${http.attribute('method') ?? 'GET'} ${path === '' ? '*' : path}`;
  });
}
