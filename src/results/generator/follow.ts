/** Follows `generator.ndjson`, which the engine's host process writes a line a second. */

import { join } from 'node:path';
import type { EngineOutput } from '../../engine/engine.ts';
import { followFile } from '../../engine/follow.ts';
import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { Collector } from '../collect.ts';

const fileName = 'generator.ndjson';
const longestLine = 65_536;

export async function readGenerator(
  output: EngineOutput,
  collector: Pick<Collector, 'add' | 'addGenerator'>,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  const chunks = followFile({
    path: join(output.dir, fileName),
    hasEnded: output.hasEnded,
    ended: output.ended,
    signal,
    chunkBytes: 65_536,
  });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    // A last line that was cut off by a crash is no line.
    rest = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) {
      const sample = parseGeneratorLine(line);
      if (sample !== undefined) collector.addGenerator(sample);
      else
        collector.add({
          type: 'unreadable',
          file: fileName,
          count: 1,
          example: line.slice(0, 200),
        });
    }
  }
}

/** The line's sample, or undefined if it is none. */
export function parseGeneratorLine(line: string): GeneratorSample | undefined {
  const fields = parseRecord(line);
  const required = (name: string): number => finite(fields?.[name]) ?? Number.NaN;
  const sample = {
    atMs: required('atMs'),
    stepMs: required('stepMs'),
    cpuPercent: required('cpuPercent'),
    stealPercent: required('stealPercent'),
    memoryPercent: required('memoryPercent'),
    runQueue: required('runQueue'),
    networkReceivedBytes: required('networkReceivedBytes'),
    networkSentBytes: required('networkSentBytes'),
    tcpSockets: required('tcpSockets'),
    localPorts: required('localPorts'),
    tcpRetransmits: required('tcpRetransmits'),
  };
  if (Object.values(sample).some(Number.isNaN)) return undefined;
  const clockStepMs = finite(fields?.['clockStepMs']);
  const engineCpuPercent = finite(fields?.['engineCpuPercent']);
  const openFiles = finite(fields?.['openFiles']);
  const openFilesLimit = finite(fields?.['openFilesLimit']);
  const exceeded = isRecord(fields?.['allowanceExceeded'])
    ? Object.entries(fields['allowanceExceeded']).flatMap(([name, value]) => {
        const count = finite(value);
        return count === undefined ? [] : [[name, count] as const];
      })
    : [];
  return {
    ...sample,
    ...(clockStepMs === undefined ? {} : { clockStepMs }),
    ...(engineCpuPercent === undefined ? {} : { engineCpuPercent }),
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(openFilesLimit === undefined ? {} : { openFilesLimit }),
    ...(exceeded.length === 0 ? {} : { allowanceExceeded: Object.fromEntries(exceeded) }),
  };
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
