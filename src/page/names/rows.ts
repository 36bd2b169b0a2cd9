/** Which names the table shows, and in which order. */

import type { SampleKind } from '../../engine/samples.ts';
import { failedShare } from '../../results/failed-share.ts';
import type { NameStats } from '../../results/measurements.ts';

type SortKey =
  | 'name'
  | 'count'
  | 'rate'
  | 'mean'
  | 'p50'
  | 'p90'
  | 'p95'
  | 'p99'
  | 'p999'
  | 'max'
  | 'failed'
  | 'share';

export type Sort = Readonly<{ key: SortKey; descending: boolean }>;

/** `descending`: the order a first click gives. */
export const columns: readonly Readonly<{
  key: SortKey;
  label: string;
  unit?: string;
  descending: boolean;
}>[] = [
  { key: 'name', label: 'Name', descending: false },
  { key: 'count', label: 'Count', descending: true },
  { key: 'rate', label: 'Rate', unit: '/s', descending: true },
  { key: 'mean', label: 'Mean', unit: 'ms', descending: true },
  { key: 'p50', label: 'p50', unit: 'ms', descending: true },
  { key: 'p90', label: 'p90', unit: 'ms', descending: true },
  { key: 'p95', label: 'p95', unit: 'ms', descending: true },
  { key: 'p99', label: 'p99', unit: 'ms', descending: true },
  { key: 'p999', label: 'p99.9', unit: 'ms', descending: true },
  { key: 'max', label: 'Max', unit: 'ms', descending: true },
  { key: 'failed', label: 'Errors', descending: true },
  { key: 'share', label: 'Errors', unit: '%', descending: true },
];

export const defaultSort: Sort = { key: 'count', descending: true };

export function rowsOf(
  names: readonly NameStats[],
  { sort, filter, kind }: Readonly<{ sort: Sort; filter: string; kind: KindFilter }>,
): readonly NameStats[] {
  const wanted = filter.trim().toLowerCase();
  const found = names.filter(
    (each) => isOfKind(each, kind) && (wanted === '' || each.name.toLowerCase().includes(wanted)),
  );
  const sign = sort.descending ? -1 : 1;
  if (sort.key === 'name') return found.toSorted((a, b) => sign * byName(a, b));
  const measure = measures[sort.key];
  return found.toSorted((a, b) => {
    const [left, right] = [measure(a), measure(b)];
    // What was not measured comes last either way.
    if (left === undefined || right === undefined) {
      return Number(left === undefined) - Number(right === undefined) || byName(a, b);
    }
    return sign * (left - right) || byName(a, b);
  });
}

/** `main`: what users of the target see, without the engine's own pages and connections. */
export type KindFilter = 'main' | 'all' | SampleKind;

export function isOfKind({ kind }: NameStats, wanted: KindFilter): boolean {
  if (wanted === 'all') return true;
  return wanted === 'main' ? kind === 'request' || kind === 'transaction' : kind === wanted;
}

const measures: Record<Exclude<SortKey, 'name'>, (stats: NameStats) => number | undefined> = {
  count: ({ count }) => count,
  rate: ({ perSecond }) => perSecond,
  mean: ({ latency, meanMs }) => latency?.meanMs ?? meanMs,
  p50: ({ latency }) => latency?.p50Ms,
  p90: ({ latency }) => latency?.p90Ms,
  p95: ({ latency }) => latency?.p95Ms,
  p99: ({ latency }) => latency?.p99Ms,
  p999: ({ latency }) => latency?.p999Ms,
  max: ({ latency }) => latency?.maxMs,
  failed: ({ failed }) => failed,
  share: failedShare,
};

/** Names of different kinds may be the same. */
export function keyOf({ kind, name }: NameStats): string {
  return `${kind} ${name}`;
}

function byName(a: NameStats, b: NameStats): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}
