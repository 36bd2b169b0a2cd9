/** What the machine that fires looked like at one moment: a line of `engine/generator.ndjson`, one a second. */

import { dictionary, number, object, parseWithSchema, type Schema } from '../../schema.ts';

/**
 * Percentages are of the whole machine, 0 to 100, over the time since the previous line, which is
 * `stepMs` by a clock that nobody sets. Byte counts are increments.
 */
export type GeneratorSample = Readonly<{
  atMs: number;
  stepMs: number;
  /**
   * How much further than `stepMs` the time of day went: it was set, or the machine was suspended.
   * Absent where it went along.
   */
  clockStepMs?: number;
  cpuPercent: number;
  /**
   * Of the engine's busiest process, of the processors it can use: those it is allowed, or one
   * where one of its threads does nearly all of its work. Absent while that is not known.
   */
  engineCpuPercent?: number;
  stealPercent: number;
  memoryPercent: number;
  runQueue: number;
  networkReceivedBytes: number;
  networkSentBytes: number;
  /** Of the engine's processes: open files and the limit of the fullest one. */
  openFiles?: number;
  openFilesLimit?: number;
  /** TCP sockets in use and how many local ports there are. */
  tcpSockets: number;
  localPorts: number;
  /** Segments sent again, as an increment. */
  tcpRetransmits: number;
  /** ENA `*_allowance_exceeded` counters that grew, as increments; absent where the driver has none. */
  allowanceExceeded?: Readonly<Record<string, number>>;
}>;

const finite = number('a number', Number.isFinite);

const sampleSchema: Schema<GeneratorSample> = object(
  {
    atMs: finite,
    stepMs: finite,
    cpuPercent: finite,
    stealPercent: finite,
    memoryPercent: finite,
    runQueue: finite,
    networkReceivedBytes: finite,
    networkSentBytes: finite,
    tcpSockets: finite,
    localPorts: finite,
    tcpRetransmits: finite,
  },
  {
    clockStepMs: finite,
    engineCpuPercent: finite,
    openFiles: finite,
    openFilesLimit: finite,
    allowanceExceeded: dictionary(finite),
  },
);

/** The sample in a line, or undefined where the line does not hold one. */
export function parseGeneratorLine(line: string): GeneratorSample | undefined {
  try {
    return parseWithSchema(sampleSchema, line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
