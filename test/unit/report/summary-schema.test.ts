/** What summary.json may hold: all that this version writes, and more, but nothing misleading. */

import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/report/summary.ts';
import { parseSummary } from '../../../src/report/summary-schema.ts';
import { hour, interrupted, storefront } from '../../support/page-fixture.ts';
import { firstState } from '../lifetime/setup.ts';
import { now, state, summaryOf } from './fixture.ts';

const least = summarize(firstState, undefined, { final: false, now });
const full = summaryOf();

describe('a summary', () => {
  it.each([
    ['of nothing', least],
    ['of a run that failed before its load', summarize(state, undefined, { final: true, now })],
    ['of hostile names', full],
    ['of a shop', storefront().summary],
    ['of a shop, mid-run', storefront({ seconds: 20 }).summary],
    ['of an hour', hour().summary],
    ['of an interrupted run', interrupted().summary],
    ['with a field of a later version', { ...full, tomorrow: { size: 2 } }],
  ])('comes back as it was written: %s', (_, summary) => {
    expect(parseSummary(JSON.stringify(summary))).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  it.each([
    ['another format', { ...full, schema: 'onager.summary/2' }, /^schema: /],
    ['an older one, without its totals', { ...full, totals: undefined }, /^totals: is missing/],
    [
      'text for a number',
      { ...full, totals: { ...full.totals, requests: '4' } },
      /^totals\.requests: expected a number/,
    ],
    ['a hole in a count', { ...full, series: { ...full.series, requests: [null] } }, /^series\./],
    ['a run without its problems', { ...full, run: { id: 'r', phase: 'running' } }, /^run\.prob/],
    ['a list', [], /^expected object/],
  ])('is refused: %s', (_, summary, words) => {
    expect(() => parseSummary(JSON.stringify(summary))).toThrow(words);
  });
});
