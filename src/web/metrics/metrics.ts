/** The run as Prometheus metrics. */

import type { Summary } from '../../report/summary.ts';
import type { GeneratorDelay } from '../../results/measurements.ts';
import { phases, type RunState } from '../../run/state.ts';
import { memberMetrics } from './members.ts';
import { delaySamples, type Metric, metricText, seconds } from './metric.ts';

/** The text format, version 0.0.4. */
export function metricsText(state: RunState, summary: Summary | undefined): string {
  return [
    ...runMetrics(state),
    ...(summary === undefined ? [] : resultMetrics(summary)),
    ...memberMetrics(state, summary),
  ]
    .map(metricText)
    .join('');
}

function runMetrics({ onager, runId, phase }: RunState): readonly Metric[] {
  return [
    {
      name: 'onager_info',
      type: 'gauge',
      help: 'The version of Onager and the run.',
      samples: [{ labels: { version: onager, run: runId }, value: 1 }],
    },
    {
      name: 'onager_phase',
      type: 'gauge',
      help: 'The phase of the run: 1 for the current one.',
      samples: [...phases, 'failed', 'idle'].map((name) => ({
        labels: { phase: name },
        value: name === phase ? 1 : 0,
      })),
    },
  ];
}

function resultMetrics({
  errors,
  final,
  generator,
  latency,
  series,
  totals,
}: Summary): readonly Metric[] {
  const counter = (name: string, help: string, value: number | undefined): Metric => ({
    name,
    type: 'counter',
    help,
    samples: [{ value }],
  });
  const gauge = (name: string, help: string, column: readonly (number | null)[]): Metric => ({
    name,
    type: 'gauge',
    help,
    // After the run there is no current value.
    samples: final ? [] : [{ value: column.findLast((value) => value !== null) ?? undefined }],
  });
  const quantiles = latency && {
    '0.5': latency.p50Ms,
    '0.9': latency.p90Ms,
    '0.95': latency.p95Ms,
    '0.99': latency.p99Ms,
    '0.999': latency.p999Ms,
  };
  return [
    counter('onager_requests_total', 'Requests that have ended.', totals.requests),
    counter('onager_requests_failed_total', 'Requests that have failed.', totals.failed),
    {
      name: 'onager_errors_total',
      type: 'counter',
      help: 'Errors by kind.',
      samples: errors.map(({ kind, count }) => ({ labels: { kind }, value: count })),
    },
    counter('onager_users_started_total', 'Users started.', totals.usersStarted),
    counter('onager_received_bytes_total', 'Bytes received.', totals.bytesReceived),
    counter('onager_sent_bytes_total', 'Bytes sent.', totals.bytesSent),
    gauge('onager_users', 'Users that are active now.', series.users),
    gauge('onager_generator_cpu_percent', 'CPU of the generator.', series.cpuPercent),
    {
      name: 'onager_generator_verdict',
      type: 'gauge',
      help: 'The verdict on the generator: 1 for the current one.',
      samples: ['valid', 'strained', 'suspect', 'unknown'].map((verdict) => ({
        labels: { verdict },
        value: verdict === generator.verdict ? 1 : 0,
      })),
    },
    ...delayMetrics(generator.delay),
    {
      name: 'onager_latency_seconds',
      type: 'summary',
      help: 'Durations of all requests since the start.',
      samples: [
        ...Object.entries(quantiles ?? {}).map(([quantile, value]) => ({
          labels: { quantile },
          value: seconds(value),
        })),
        {
          suffix: '_sum',
          value: latency && seconds(latency.meanMs * totals.requests),
        },
        { suffix: '_count', value: latency && totals.requests },
      ],
    },
  ];
}

function delayMetrics(delay: GeneratorDelay | undefined): readonly Metric[] {
  if (delay === undefined) return [];
  return [
    {
      name: 'onager_generator_delay_seconds',
      type: 'summary',
      help: "The generator's own delay since the start of the load.",
      samples: delaySamples(delay),
    },
  ];
}
