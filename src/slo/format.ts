/**
 * Formats rules and their results for every viewer: tables, JUnit, the page, the console.
 * Pure.
 */

import { mostFailed, type SloResult } from './result.ts';
import { isOfDurations, type SloRule } from './rule.ts';

/**
 * What was measured, as people read it: `412 ms`, `300 ms, up to 412 ms without the failed`,
 * `between 0 % and 9 %`, `67 % failed`. Undefined where nothing was measured. For
 * a rule over windows: the worst window's value, without its time.
 */
export function formatMeasured({
  rule,
  measured,
  measuredAtMost,
  failedShare,
}: SloResult): string | undefined {
  if (failedShare !== undefined) return `${failedPercent(failedShare)} % failed`;
  if (measured === undefined) return undefined;
  const value = formatSloValue(rule, measured);
  if (measuredAtMost === undefined) return value;
  const most = formatSloValue(rule, measuredAtMost);
  if (most === value) return value;
  return isOfDurations(rule)
    ? `${value}, up to ${most} without the failed`
    : `between ${value} and ${most}`;
}

/** The same with the time of the worst window, in UTC. */
export function describeMeasured(result: SloResult): string {
  const measured = formatMeasured(result);
  if (measured === undefined) return 'nothing was measured';
  if (result.worstAtMs === undefined) return measured;
  return `${measured} at ${new Date(result.worstAtMs).toISOString().slice(11, 19)} UTC`;
}

/** A value in the rule's base unit as people read it: `412 ms`, `0.52 %`, `118.2/s`. */
export function formatSloValue(rule: SloRule, value: number): string {
  switch (rule.metric.kind) {
    case 'errors':
      return `${digits(rule, value, 100, 3)} %`;
    case 'throughput':
      return `${digits(rule, value, 1, 4)}/s`;
    case 'count':
      return String(value);
    default:
      return value < 1_000
        ? `${digits(rule, value, 1, 3)} ms`
        : `${digits(rule, value, 1 / 1_000, 3)} s`;
  }
}

/** A share above one half; it is rounded to 100 % only if it is exactly that. */
function failedPercent(failedShare: number): number {
  const tenths = Math.round(failedShare * 1_000);
  const most = failedShare < 1 ? Math.min(tenths, 999) : tenths;
  return Math.max(mostFailed * 1_000 + 1, most) / 10;
}

/**
 * As few digits as `precision` allows, but enough that the rounded value is on the same side of the
 * threshold.
 */
function digits(rule: SloRule, value: number, factor: number, precision: number): string {
  const scaled = value * factor;
  const side = Math.sign(value - rule.threshold);
  for (let more = precision; more < 17; more += 1) {
    const rounded = Number(scaled.toPrecision(Math.max(more, 1)));
    if (Math.sign(rounded / factor - rule.threshold) === side) return plain(rounded);
  }
  return plain(scaled);
}

/** Without an exponent. */
function plain(value: number): string {
  return value.toFixed(12).replace(/\.0{1,20}$|0{1,20}$/, '');
}
