/** Rules about what a scenario does not have. */

import { expect, it } from 'vitest';
import { unknownNames } from '../../../src/slo/names.ts';
import { sloRule } from '../../support/slo.ts';

const names = {
  transaction: ['login', 'orders'],
  request: ['GET /', 'GET /items/*', 'POST *', 'checkout'],
};

function told(text: string, known = names): readonly string[] {
  const { problems, warnings } = unknownNames([sloRule(text)], known);
  return [...problems, ...warnings].map(
    ({ code, message, hint }) => `${code}: ${message}: ${hint}`,
  );
}

it.each([
  'p95 < 1s',
  'transaction(login).p95 < 1s',
  'request(GET /).p95 < 1s',
  'request(GET /items/17).errors < 1%',
  'request(GET /items/%%_id%%).errors < 1%',
  'request(POST /anything).count > 1',
  'request(checkout).p95 < 1s',
])('that the scenario has may be anything that fits: %s', (text) => {
  expect(told(text)).toEqual([]);
});

it.each([
  [
    'transaction(order).p95 < 1s',
    'SLO_SCOPE: "transaction(order).p95 < 1s": the scenario has no transaction "order": did you mean "orders"? it has "login", "orders"',
  ],
  [
    'transaction(pay).p95 < 1s',
    'SLO_SCOPE: "transaction(pay).p95 < 1s": the scenario has no transaction "pay": it has "login", "orders"',
  ],
  [
    'transaction(checkout).p95 < 1s',
    'SLO_SCOPE: "transaction(checkout).p95 < 1s": the scenario has no transaction "checkout": it has "login", "orders"',
  ],
  [
    'request(GET /item).p95 < 1s',
    'SLO_NAME: "request(GET /item).p95 < 1s": the scenario has no request "GET /item": did you mean "GET /items/*"? it has "GET /", "GET /items/*", "POST *", "checkout"',
  ],
])('that the scenario does not have is told: %s', (text, expected) => {
  expect(told(text)).toEqual([expected]);
});

it('of a scenario without transactions has a rule about the run instead', () => {
  expect(told('transaction(a).p95 < 1s', { ...names, transaction: [] })).toEqual([
    'SLO_SCOPE: "transaction(a).p95 < 1s": the scenario has no transaction "a": it has no transactions at all: write the rule about the whole run',
  ]);
});
