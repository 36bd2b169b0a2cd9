/** What the transactions and requests of a scenario are called in its results. */

import { redactValues } from '../../../redact.ts';
import type { Machine, Scenario, ScenarioNames } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { requestSampling } from './request-sampling.ts';

export function measuredNames(
  root: Element,
  samples: Machine['samples'],
  vars: Scenario['vars'] = {},
): ScenarioNames {
  const transactions = [
    ...descendants(root, 'transaction').map((element) => element.attribute('name') ?? ''),
    ...descendants(root, 'interaction').map((element) => element.attribute('id') ?? ''),
  ];
  const { requests, requestName } = requestSampling(root, samples);
  const known =
    requests === 'each'
      ? descendants(root, 'request').flatMap((request) => namesOf(request, vars))
      : [requestName ?? ''];
  return { transaction: [...new Set(transactions)], request: [...new Set(known)] };
}

/** What a request holds besides itself. */
const notRequests = new Set(['match', 'dyn_variable']);

/**
 * By its tag, else by its method and path; one of another protocol than HTTP by that and its kind,
 * such as `websocket message`.
 */
function namesOf(request: Element, vars: Scenario['vars']): readonly string[] {
  if (descendants(request, 'http').length === 0) {
    return request.children
      .filter(({ name }) => !notRequests.has(name))
      .map(({ name }) => `${name}*`);
  }
  const tag = request.attribute('tag') ?? 'undefined';
  if (tag !== 'undefined') return [tag];
  return descendants(request, 'http').map((http) => {
    const url = redactValues(http.attribute('url') ?? '', vars).replace(/%%[^%]*%%/g, '*');
    // With a proxy Tsung names the whole URL.
    const path = url.replace(/^https?:\/\/[^/?#]*/i, '*').replace(/[?#].*$/s, '');
    return `${http.attribute('method') ?? 'GET'} ${path === '' ? '*' : path}`;
  });
}
