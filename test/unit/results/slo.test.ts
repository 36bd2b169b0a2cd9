/** Rules against measurements, each way it can go. */
import { describe, expect, it } from 'vitest';
import type { SampleBatch } from '../../../src/engine/samples.ts';
import { createCollector } from '../../../src/results/collect.ts';
import type { SloVerdict } from '../../../src/results/summary.ts';
import { parseSlo, type SloRule } from '../../../src/user-data/slo.ts';
import { interval, samples, startMs } from './batches.ts';

// 100 requests in 10 s: 1 ms to 100 ms, five of them failed; 10 logins of 200 ms.
const batches = [
  samples(
    Array.from({ length: 100 }, (_, at) => ({
      name: at < 50 ? 'get /' : 'get /cart',
      ms: startMs + at * 100,
      us: (at + 1) * 1_000,
      status: at % 20 === 0 ? 500 : 200,
    })),
  ),
  samples(new Array(10).fill({ name: 'login', us: 200_000, ms: startMs + 5_000 }), 'transaction'),
];

describe('a rule', () => {
  it.each([
    ['p95 < 96ms', true, '95 ms'],
    ['p95 < 95ms', false, '95.04 ms'],
    ['p95 <= 95.1ms', true, '95 ms'],
    ['p99.9 < 100.1ms', true, '100 ms'],
    ['min > 0.5ms', true, '1 ms'],
    ['max < 100ms', false, '100 ms'],
    ['mean < 51ms', true, '50.5 ms'],
    ['errors < 5%', false, '5 %'],
    ['errors <= 5%', true, '5 %'],
    ['throughput > 9/s', true, undefined],
    ['throughput > 11/s', false, undefined],
    ['count >= 100', true, '100'],
    ['transaction(login).p99 < 1s', true, '200 ms'],
    ['transaction(login).errors < 1%', true, '0 %'],
    ['request(get /cart).count > 50', false, '50'],
    ['request(get /cart).min > 50ms', true, '51 ms'],
  ])('%s: %s, %s', (text, ok, measured) => {
    const { rules } = judged(text, batches);
    expect(rules[0]).toMatchObject({ rule: text, ok });
    if (measured !== undefined) expect(rules[0]?.measured).toBe(measured);
  });

  it.each([
    ['transaction(logout).p95 < 1s', batches],
    ['request(login).p95 < 1s', batches],
    ['p95 < 1s', []],
    ['errors < 1%', []],
    ['p95 < 1s', [interval({ timings: [{ kind: 'request', name: 'xmpp', count: 2, meanUs: 5 }] })]],
  ])('fails, and has no value, where nothing was measured: %s', (text, given) => {
    const { verdict, rules } = judged(text, given);
    expect(verdict).toBe('fail');
    expect(rules).toEqual([{ rule: text, ok: false }]);
  });

  it('is held against the engine’s own means where these are all there is', () => {
    const timings = [{ kind: 'request', name: 'xmpp', count: 2, meanUs: 5_000 }] as const;
    expect(judged('mean < 6ms', [interval({ timings })]).verdict).toBe('pass');
    expect(judged('count > 2', [interval({ timings })]).verdict).toBe('fail');
  });
});

describe('a verdict', () => {
  it('is that of the worst rule', () => {
    expect(verdictOf(['p95 < 1s', 'count > 1'])).toBe('pass');
    expect(verdictOf(['p95 < 1s', 'count > 1000'])).toBe('fail');
    expect(verdictOf([])).toBe('none');
  });
});

function verdictOf(texts: readonly string[]): string {
  return judgedAll(texts, batches).verdict;
}

function judged(text: string, given: readonly SampleBatch[]): SloVerdict {
  return judgedAll([text], given);
}

function judgedAll(texts: readonly string[], given: readonly SampleBatch[]): SloVerdict {
  const slo = texts.map(rule);
  const collector = createCollector({ sampling: { requests: 'each' }, slo, plan: { phases: [] } });
  for (const batch of given) collector.add(batch);
  return collector.full().slo;
}

function rule(text: string): SloRule {
  const parsed = parseSlo(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}
