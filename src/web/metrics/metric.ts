/** A metric and its text in the format of Prometheus. */

import type { GeneratorDelay } from '../../results/measurements.ts';

type MetricSample = Readonly<{
  suffix?: '_sum' | '_count';
  labels?: Readonly<Record<string, string>>;
  value: number | undefined;
}>;

export type Metric = Readonly<{
  name: string;
  type: 'counter' | 'gauge' | 'summary';
  help: string;
  samples: readonly MetricSample[];
}>;

/** A sample without a value is left out, and so is a metric without samples. */
export function metricText({ name, type, help, samples }: Metric): string {
  const lines = samples.flatMap(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    const inBraces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    return value === undefined ? [] : [`${name}${suffix}${inBraces} ${value}\n`];
  });
  return lines.length === 0
    ? ''
    : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Of a summary. */
export function delaySamples(
  delay: GeneratorDelay,
  labels: Readonly<Record<string, string>> = {},
): Metric['samples'] {
  const quantiles = { '0.5': delay.p50Ms, '0.95': delay.p95Ms, '0.99': delay.p99Ms };
  return [
    ...Object.entries(quantiles).map(([quantile, value]) => ({
      labels: { ...labels, quantile },
      value: seconds(value),
    })),
    { suffix: '_sum', labels, value: seconds(delay.meanMs * delay.count) },
    { suffix: '_count', labels, value: delay.count },
  ];
}

/** Without the digits that a division by 1,000 leaves behind: 0.48 ms are 0.00048 s. */
export function seconds(milliseconds: number): number {
  return Number((milliseconds / 1_000).toPrecision(12));
}
