/** The limits that rules set, as lines for the charts they speak of. */

import type { Summary } from '../../report/summary.ts';
import { formatSloValue } from '../../slo/format.ts';
import { isOfDurations, type SloRule, type SloScope } from '../../slo/rule.ts';
import { type Figure, latency, rate, share, span } from '../format.ts';
import { ruleState } from '../status/rule-state.ts';
import type { ChartLine, ChartProps } from './timeline.ts';

const colors = { kept: 'good', missed: 'bad', open: 'muted' } as const;

/** One chart has no more of them: more would hide what was measured. */
const maxLimits = 6;

type Limits = Readonly<
  Record<'durations' | 'means' | 'errors' | 'throughput', readonly ChartLine[]>
>;

/** The limits of all rules about a scope, over a time axis with so many steps. */
export function limitsOf(summary: Pick<Summary, 'slo'>, scope: SloScope, steps: number): Limits {
  const found = summary.slo.rules.filter(({ rule }) => isSame(rule.scope, scope));
  const linesOf = (
    isWanted: (rule: SloRule) => boolean,
    look: Pick<ChartLine, 'format' | 'right'>,
  ): readonly ChartLine[] => {
    const lines = found
      .filter(({ rule }) => isWanted(rule))
      .map((result): ChartLine => {
        const limit = ruleState(result);
        return {
          ...look,
          label: labelOf(result.rule),
          color: colors[limit],
          values: new Array<number>(steps).fill(result.rule.threshold),
          dashed: true,
          limit,
        };
      });
    return [...new Map(lines.map((line) => [line.label, line])).values()].slice(0, maxLimits);
  };
  return {
    durations: linesOf(isOfDurations, { format: latency }),
    means: linesOf(({ metric }) => metric.kind === 'mean', { format: latency }),
    errors: linesOf(({ metric }) => metric.kind === 'errors', { format: share, right: true }),
    throughput: linesOf(({ metric }) => metric.kind === 'throughput', {
      format: (value: Figure) => rate(value),
    }),
  };
}

function isSame(a: SloScope, b: SloScope): boolean {
  if (a.kind === 'run' || b.kind === 'run') return a.kind === b.kind;
  return a.kind === b.kind && a.name === b.name;
}

/** A rule without its scope: `p95 < 300 ms over 30 s`. */
function labelOf(rule: SloRule): string {
  const { metric, comparison, threshold, windowMs } = rule;
  const name = metric.kind === 'percentile' ? `p${metric.percentile}` : metric.kind;
  const over = windowMs === undefined ? '' : ` over ${span(windowMs)}`;
  return `${name} ${comparison} ${formatSloValue(rule, threshold)}${over}`;
}

/**
 * The upper end of an axis that has room for its limits, but for those far above all values: they
 * would leave no room for these.
 */
export function topWithLimits(
  { lines }: Pick<ChartProps, 'lines'>,
  side: 'left' | 'right',
  { high, farthest }: Readonly<{ high: number; farthest: number }>,
): number {
  const limits = lines
    .filter((line) => line.limit !== undefined && (line.right ?? false) === (side === 'right'))
    .flatMap(({ values: [value] }) => (value == null ? [] : [value]));
  const near = limits.filter((limit) => !(high > 0) || limit <= high * farthest);
  return Math.max(high > 0 ? high : 0, ...near);
}
