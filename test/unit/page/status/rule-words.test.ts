/** Rules in words: each that is missed, and all of them in a sentence. */

import { describe, expect, it } from 'vitest';
import { ruleInWords, rulesSentence } from '../../../../src/page/status/rule-words.ts';
import type { SloResult } from '../../../../src/slo/result.ts';
import { storefront } from '../../../support/page-fixture.ts';
import { sloResult } from '../../../support/slo.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a missed rule in words', () => {
  it.each([
    ['p95 < 300ms', { measured: 412 }, 'p95 was 412 ms, not under 300 ms'],
    ['errors <= 1 %', { measured: 0.02 }, 'the error share was 2 %, not at most 1 %'],
    ['throughput > 100/s', { measured: 82 }, 'throughput was 82/s, not over 100/s'],
    ['max < 2m', { measured: 130_000 }, 'the maximum was 130 s, not under 120 s'],
    ['count >= 5', { measured: 4 }, 'the count was 4, not at least 5'],
    [
      'transaction("a).(b").p99 < 1s',
      { measured: 2_000 },
      'p99 of transaction a).(b was 2 s, not under 1 s',
    ],
    ['request(GET /).p99 < 1s', {}, 'p99 of request GET / was not measured'],
    ['p95 < 1s', { failedShare: 0.67 }, 'p95 says nothing: 67 % failed'],
    [
      'transaction(a).errors < 1%',
      { measured: 0, measuredAtMost: 0.09 },
      'the error share of transaction a was between 0 % and 9 %, not under 1 %',
    ],
    [
      'p95 < 300ms over 30s',
      { measured: 412, worstAtMs: new Date(2026, 4, 12, 14, 23, 30).getTime(), windowMs: 30_000 },
      'p95 over 30 s was 412 ms at 14:23:30, not under 300 ms',
    ],
    ['p95 < 300ms over 90s', {}, 'p95 over 90 s was not measured'],
    ['p95 < 300ms over 1h', {}, 'p95 over 1 h was not measured'],
  ])('%s', (text, found, words) => {
    expect(plain(ruleInWords(sloResult(text, false, found)))).toBe(words);
  });
});

describe('all rules in a sentence, while the load runs', () => {
  const { summary } = storefront({ seconds: 2 });
  const kept = sloResult('p95 < 1s', true, { measured: 200 });
  const missed = sloResult('p99 < 1s', false, { measured: 2_000 });
  const unmeasured = sloResult('transaction(login).p99 < 1s', undefined);
  const unreached = sloResult('count >= 1000', undefined, { measured: 3 });

  it.each<readonly [string, readonly SloResult[]]>([
    ['All 2 rules are kept so far.', [kept, kept]],
    ['1 of 2 rules kept so far, 1 not judged yet.', [kept, unmeasured]],
    ['1 of 2 rules kept so far, 1 not judged yet.', [kept, unreached]],
    ['None of the 2 rules is judged yet.', [unmeasured, unmeasured]],
    ['The rule is not judged yet.', [unmeasured]],
    ['1 of 3 rules missed so far: p99 was 2 s, not under 1 s.', [kept, unmeasured, missed]],
  ])('%s', (sentence, rules) => {
    const slo = { verdict: 'fail', rules } as const;
    expect(plain(rulesSentence({ ...summary, slo }, ' so far'))).toBe(sentence);
  });

  it('misses at the end what was never measured', () => {
    const slo = {
      verdict: 'fail',
      rules: [kept, sloResult('transaction(login).p99 < 1s', false)],
    } as const;
    expect(plain(rulesSentence({ ...summary, final: true, slo }))).toBe(
      '1 of 2 rules missed: p99 of transaction login was not measured.',
    );
  });
});
