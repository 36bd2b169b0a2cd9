/** The grammar of SLO rules, what it says of a broken one, and how values are written. */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { formatSloValue } from '../../../src/slo/format.ts';
import { parseSlo } from '../../../src/slo/parse.ts';
import type { SloRule } from '../../../src/slo/rule.ts';

const run = { kind: 'run' } as const;
const percentile = (value: number) => ({ kind: 'percentile', percentile: value }) as const;

function rule(text: string): SloRule {
  const parsed = parseSlo(text);
  if ('code' in parsed) throw new Error(`${parsed.message}; ${parsed.hint}`);
  return parsed;
}

// Generated and hostile input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

describe('parseSlo', () => {
  it.each([
    ['p95 < 300ms', run, percentile(95), '<', 300],
    ['  p95<300ms ', run, percentile(95), '<', 300],
    ['p50 <= 1.5s', run, percentile(50), '<=', 1_500],
    ['p99.9 < 2m', run, percentile(99.9), '<', 120_000],
    ['p99.99 < 1h', run, percentile(99.99), '<', 3_600_000],
    ['min > 0.5ms', run, { kind: 'min' }, '>', 0.5],
    ['mean < 1m30s', run, { kind: 'mean' }, '<', 90_000],
    ['max <= 10 s', run, { kind: 'max' }, '<=', 10_000],
    ['errors < 1%', run, { kind: 'errors' }, '<', 0.01],
    ['errors < 0.01', run, { kind: 'errors' }, '<', 0.01],
    ['errors <= 0', run, { kind: 'errors' }, '<=', 0],
    ['throughput > 100/s', run, { kind: 'throughput' }, '>', 100],
    ['throughput >= 6000 / min', run, { kind: 'throughput' }, '>=', 100],
    ['throughput > 3600/h', run, { kind: 'throughput' }, '>', 1],
    ['count >= 10000', run, { kind: 'count' }, '>=', 10_000],
    [
      'transaction(login).p99 < 1s',
      { kind: 'transaction', name: 'login' },
      percentile(99),
      '<',
      1_000,
    ],
    [
      'request( GET /a (b) ).errors < 1%',
      { kind: 'request', name: 'GET /a (b)' },
      { kind: 'errors' },
      '<',
      0.01,
    ],
    [
      'request(/a,b;c < d).count > 0',
      { kind: 'request', name: '/a,b;c < d' },
      { kind: 'count' },
      '>',
      0,
    ],
    [
      'request("a) \\"b\\\\").max < 1s',
      { kind: 'request', name: 'a) "b\\' },
      { kind: 'max' },
      '<',
      1_000,
    ],
    [
      'transaction (Zürich).mean < 1s',
      { kind: 'transaction', name: 'Zürich' },
      { kind: 'mean' },
      '<',
      1_000,
    ],
  ])('reads %s', (text, scope, metric, comparison, threshold) => {
    expect(parseSlo(text)).toEqual({ text: text.trim(), scope, metric, comparison, threshold });
  });

  it.each([
    ['p95 < 300ms over 30s', 300, 30_000],
    ['p99.9<1s  over  1m', 1_000, 60_000],
    ['errors < 1% over 1m30s', 0.01, 90_000],
    ['throughput > 6000 / min over 10s', 100, 10_000],
    ['max <= 2s over 1s', 2_000, 1_000],
    ['mean < 1s over 1h', 1_000, 3_600_000],
  ])('reads the windows of %s', (text, threshold, windowMs) => {
    expect(parseSlo(text)).toMatchObject({ text, scope: run, threshold, windowMs });
  });

  it('leaves the word alone in a name', () => {
    const parsed = parseSlo('request(moved over 30s).p95 < 1s');
    expect(parsed).toMatchObject({ scope: { kind: 'request', name: 'moved over 30s' } });
    expect(parsed).not.toHaveProperty('windowMs');
  });

  it.each(
    [
      ['', 'SLO_SYNTAX', 'is empty'],
      ['x'.repeat(1_001), 'SLO_SYNTAX', '1001 characters'],
      ['p95', 'SLO_SYNTAX', 'there is no comparison'],
      ['p95 = 300ms', 'SLO_SYNTAX', '"=" is not a comparison'],
      ['p95 =< 300ms', 'SLO_SYNTAX', '"=<" is not a comparison'],
      ['p95 ≤ 300ms', 'SLO_SYNTAX', '"≤" is not a comparison'],
      ['p95 is fine', 'SLO_SYNTAX', 'there is no comparison'],
      ['transaction(login.p95 < 1s', 'SLO_SYNTAX', 'does not end'],
      ['request("a).p95 < 1s', 'SLO_VALUE', '', 1],
      ['transaction(login) p95 < 1s', 'SLO_SYNTAX', 'there is no metric for this transaction'],
      ['transaction().p95 < 1s', 'SLO_SCOPE', 'has no name'],
      ['page(home).p95 < 1s', 'SLO_SCOPE', '"page" is not measured'],
      ['Transaction(a).p95 < 1s', 'SLO_SCOPE', '"Transaction" is not measured'],
      ['p(95) < 1s', 'SLO_METRIC', 'write p95'],
      ['< 1s', 'SLO_METRIC', 'there is no metric'],
      ['transaction(a).<1s', 'SLO_METRIC', 'there is no metric'],
      ['p100 < 1s', 'SLO_METRIC', 'from p50 to p99.99'],
      ['p10 < 1s', 'SLO_METRIC', 'from p50 to p99.99'],
      ['p99.999 < 1s', 'SLO_METRIC', 'two decimals'],
      ['avg < 1s', 'SLO_METRIC', 'did you mean mean?'],
      ['median < 1s', 'SLO_METRIC', 'did you mean p50?'],
      ['error < 1%', 'SLO_METRIC', 'did you mean errors?'],
      ['constructor < 1%', 'SLO_METRIC', '"constructor" is not a metric'],
      ['latency < 1s', 'SLO_METRIC', '"latency" is not a metric'],
      ['p95 < 300', 'SLO_VALUE', '"300" has no unit'],
      ['p95 <', 'SLO_VALUE', '"" is not a duration'],
      ['p95 < fast', 'SLO_VALUE', '"fast" is not a duration'],
      ['p95 < 1%', 'SLO_VALUE', '"1%" is not a duration'],
      ['p95 < -1s', 'SLO_VALUE', '"-1s" is not a duration'],
      ['p95 < 300ms and p99 < 1s', 'SLO_VALUE', '"300ms and p99 < 1s" is not a duration'],
      ['errors < 5', 'SLO_VALUE', '"5" is more than 100 %'],
      ['errors < 101%', 'SLO_VALUE', 'more than 100 %'],
      ['errors < 10ms', 'SLO_VALUE', 'not a share of errors'],
      ['errors < 1', 'SLO_VALUE', '"1" can be 1 % or all'],
      ['errors < 0%', 'SLO_VALUE', 'can never be met'],
      ['errors > 100%', 'SLO_VALUE', 'can never be met'],
      ['p95 < 0', 'SLO_VALUE', 'can never be met'],
      ['throughput > 100', 'SLO_VALUE', '"100" has no unit'],
      ['throughput > 100/day', 'SLO_VALUE', 'is not a throughput'],
      ['count > 1.5', 'SLO_VALUE', 'not a whole number'],
      ['p95 < over 30s', 'SLO_VALUE', '"over 30s" is not a duration'],
      ['p95 < 300 over 30s', 'SLO_VALUE', '"300" has no unit'],
      ['p95 < 300ms over', 'SLO_WINDOW', '"" is not a duration'],
      ['p95 < 300ms over 30', 'SLO_WINDOW', '"30" is not a duration'],
      ['p95 < 300ms over 30s over 10s', 'SLO_WINDOW', '"30s over 10s" is not a duration'],
      ['p95 < 300ms over 0', 'SLO_WINDOW', 'from 1s to 1h'],
      ['p95 < 300ms over 500ms', 'SLO_WINDOW', 'from 1s to 1h'],
      ['p95 < 300ms over 1.5s', 'SLO_WINDOW', 'whole seconds'],
      ['p95 < 300ms over 2h', 'SLO_WINDOW', 'from 1s to 1h'],
      ['count > 10 over 30s', 'SLO_WINDOW', 'write throughput'],
      ['min > 1ms over 30s', 'SLO_WINDOW', 'min is not judged over windows'],
      ['transaction(a).p95 < 1s over 30s', 'SLO_WINDOW', 'only the whole run'],
      ['request(a).throughput > 1/s over 30s', 'SLO_WINDOW', 'too coarse'],
    ].filter(([text]) => text !== 'request("a).p95 < 1s'),
  )('says what is wrong with %j', (text, code, words) => {
    const problem = parseSlo(`${text}`);
    expect(problem).toMatchObject({ code });
    if ('code' in problem) expect(`${problem.message}; ${problem.hint}`).toContain(words);
  });

  const metrics = fc.oneof(
    fc
      .integer({ min: 5_000, max: 9_999 })
      .map((n) => ({ text: `p${n / 100}`, value: '7ms', threshold: 7 })),
    fc
      .constantFrom('mean', 'min', 'max')
      .map((text) => ({ text, value: '1.25s', threshold: 1_250 })),
    fc.constant({ text: 'errors', value: '2.5%', threshold: 0.025 }),
    fc.constant({ text: 'throughput', value: '90/min', threshold: 1.5 }),
    fc.constant({ text: 'count', value: '12', threshold: 12 }),
  );

  it('reads back every name in quotes, with every metric and comparison', () => {
    const names = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter((name) => name.trim() !== '');
    const comparisons = fc.constantFrom('<', '<=', '>', '>=');
    fc.assert(
      fc.property(names, metrics, comparisons, (name, metric, comparison) => {
        const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
        const parsed = rule(`request(${quoted}).${metric.text} ${comparison} ${metric.value}`);
        expect(parsed).toMatchObject({
          scope: { kind: 'request', name },
          comparison,
          threshold: metric.threshold,
        });
      }),
    );
  });

  it('answers any text with a rule or a problem', () => {
    const pieces = fc.constantFrom(
      'p95',
      'transaction(',
      'request("',
      ')',
      '.',
      '<',
      '>=',
      '1',
      's',
      '%',
      ' over ',
      ' ',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 }))), (parts) => {
        const parsed = parseSlo(parts.join(''));
        expect('code' in parsed ? parsed.hint : parsed.text).not.toBe('');
      }),
    );
  });
});

describe('formatSloValue', () => {
  it.each([
    ['p95 < 300ms', 412.3, '412 ms'],
    ['p95 < 300ms', 0.412_34, '0.412 ms'],
    ['p95 < 300ms', 0, '0 ms'],
    ['p95 < 300ms', 12_345, '12.3 s'],
    ['p95 < 300ms', 1e7, '10000 s'],
    ['errors < 1%', 0.005_2, '0.52 %'],
    ['errors < 1%', 1, '100 %'],
    ['errors < 1%', 1e-7, '0.00001 %'],
    ['throughput > 100/s', 118.234, '118.2/s'],
    ['count > 5', 12_345, '12345'],
  ])('writes for %s the value %d as %s', (text, value, written) => {
    expect(formatSloValue(rule(text), value)).toBe(written);
  });

  it.each([
    ['p95 < 300ms', 300.04, '300.04 ms'],
    ['p95 < 300ms', 299.96, '299.96 ms'],
    ['p95 <= 300ms', 300, '300 ms'],
    ['p95 < 10s', 10_001, '10.001 s'],
    ['errors < 1%', 0.010_000_4, '1.00004 %'],
    ['throughput > 100/s', 99.999, '99.999/s'],
  ])('never rounds across the border: %s, %d', (text, value, written) => {
    expect(formatSloValue(rule(text), value)).toBe(written);
  });
});
