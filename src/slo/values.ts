/** The values that SLO rules compare with, parsed to their base units. */

import { durationMs } from '../duration.ts';
import type { SloMetric, SloRule } from './rule.ts';

type Threshold = Readonly<{ threshold: number }> | Readonly<{ is: string; hint: string }>;

/** The value in the metric's base unit, or why it is not a value. */
export function readThreshold(metric: SloMetric, text: string): Threshold {
  switch (metric.kind) {
    case 'errors':
      return readShare(text);
    case 'throughput':
      return readRate(text);
    case 'count':
      return /^\d{1,15}$/.test(text)
        ? { threshold: Number(text) }
        : { is: 'is not a whole number', hint: 'write digits only, such as 10000' };
    default:
      return readDuration(text);
  }
}

/** Whether no measurement at all could meet the rule. */
export function isUnreachable({ metric, comparison, threshold }: SloRule): boolean {
  if (comparison === '<' && threshold === 0) return true;
  return metric.kind === 'errors' && comparison === '>' && threshold === 1;
}

function readDuration(text: string): Threshold {
  const hint = 'write a duration such as 300ms, 1.5s or 2m';
  const threshold = durationMs(text);
  if (threshold !== undefined) return { threshold };
  return /^\d+(\.\d+)?$/.test(text)
    ? { is: 'has no unit', hint }
    : { is: 'is not a duration', hint };
}

function readShare(text: string): Threshold {
  const hint = 'write a percentage such as 1%, or a share from 0 to 1 such as 0.01';
  const match = /^(\d{1,3}(?:\.\d{1,9})?)\s*(%?)$/.exec(text);
  if (match === null) return { is: 'is not a share of errors', hint };
  // Every run in which one request worked would meet it, but 1 % is what was meant.
  if (match[1] === '1' && match[2] === '') {
    return { is: 'can be 1 % or all', hint: 'write 1%, or 100%' };
  }
  const threshold = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return threshold > 1 ? { is: 'is more than 100 %', hint } : { threshold };
}

const seconds: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3_600 };

function readRate(text: string): Threshold {
  const hint = 'write a number a second or a minute, such as 100/s or 6000/min';
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*(?:\/\s*(s|sec|m|min|h))?$/.exec(text);
  if (match === null) return { is: 'is not a throughput', hint };
  const per = seconds[match[2] ?? ''];
  return per === undefined ? { is: 'has no unit', hint } : { threshold: Number(match[1]) / per };
}
