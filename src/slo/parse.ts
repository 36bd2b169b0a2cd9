/** Parses one rule by the grammar in rule.ts; an error quotes the part that is wrong. */

import type { Problem } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { quote } from '../text.ts';
import type { SloMetric, SloRule } from './rule.ts';
import { type Parsed, parseScope, problem } from './scope.ts';
import { isUnreachable, readThreshold } from './values.ts';
import { readWindow, splitWindow } from './window.ts';

const plainMetrics = ['mean', 'min', 'max', 'errors', 'throughput', 'count'] as const;
const comparisons = ['<=', '>=', '<', '>'] as const;
const maxLength = 1_000;
const example = 'write a rule such as `p95 < 300ms` or `transaction(login).errors < 1%`';

export function parseSlo(input: string): SloRule | Problem {
  const text = input.trim();
  if (text === '') return problem('SLO_SYNTAX', 'an SLO rule is empty', example);
  if (text.length > maxLength) {
    return problem('SLO_SYNTAX', `an SLO rule has ${text.length} characters`, example);
  }
  const scope = parseScope(text);
  if ('code' in scope) return scope;
  const metric = parseMetric(scope.rest, text);
  if ('code' in metric) return metric;
  const comparison = parseComparison(metric.rest, text);
  if ('code' in comparison) return comparison;
  const { limit, window } = splitWindow(comparison.rest.trim());
  const value = readThreshold(metric.value, limit);
  if ('is' in value) {
    const found = quote(limit);
    return problem('SLO_VALUE', `${quote(text)}: ${found} ${value.is}`, value.hint);
  }
  const rule: SloRule = {
    text,
    scope: scope.value,
    metric: metric.value,
    comparison: comparison.value,
    threshold: value.threshold,
  };
  if (isUnreachable(rule)) {
    const hint = 'no measurement can meet this rule: allow the border with <= or >=, or move it';
    return problem('SLO_VALUE', `${quote(text)} can never be met`, hint);
  }
  if (window === undefined) return rule;
  const windows = readWindow(rule, window);
  return 'code' in windows ? windows : { ...rule, ...windows };
}

function parseMetric(rest: string, text: string): Parsed<SloMetric> | Problem {
  const word = /^[^\s<>=≤≥]*/.exec(rest)?.[0] ?? '';
  const after = rest.slice(word.length);
  const plain = plainMetrics.find((metric) => metric === word);
  if (plain !== undefined) return { value: { kind: plain }, rest: after };
  const digits = /^p(\d{1,3}(?:\.\d+)?)$/.exec(word)?.[1];
  const percentile = Number(digits);
  if (
    digits !== undefined &&
    percentile >= 50 &&
    percentile <= 99.99 &&
    /^\d+(\.\d{1,2})?$/.test(digits)
  ) {
    return { value: { kind: 'percentile', percentile }, rest: after };
  }
  const what = word === '' ? 'there is no metric' : `${quote(word)} is not a metric`;
  return problem('SLO_METRIC', `${quote(text)}: ${what}`, metricHint(word, digits !== undefined));
}

const otherNames: Readonly<Record<string, string>> = {
  avg: 'mean',
  average: 'mean',
  med: 'p50',
  median: 'p50',
  rate: 'throughput',
  rps: 'throughput',
  failed: 'errors',
  error_rate: 'errors',
  requests: 'count',
};

function metricHint(word: string, isPercentile: boolean): string {
  if (isPercentile)
    return 'percentiles go from p50 to p99.99, with two decimals at most; min and max are the ends';
  const lower = word.toLowerCase();
  const meant = Object.hasOwn(otherNames, lower) ? otherNames[lower] : nearest(word, plainMetrics);
  const all = `there are p50 to p99.99, ${plainMetrics.join(', ')}`;
  return meant === undefined || word === '' ? all : `did you mean ${meant}? ${all}`;
}

function parseComparison(rest: string, text: string): Parsed<SloRule['comparison']> | Problem {
  const trimmed = rest.trimStart();
  const sign = /^[<>=≤≥!]+/.exec(trimmed)?.[0] ?? '';
  const value = comparisons.find((comparison) => comparison === sign);
  if (value !== undefined) return { value, rest: trimmed.slice(sign.length) };
  const what = sign === '' ? 'there is no comparison' : `${quote(sign)} is not a comparison`;
  return problem('SLO_SYNTAX', `${quote(text)}: ${what}`, `use <, <=, > or >=; ${example}`);
}
