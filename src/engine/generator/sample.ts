/** How busy the load generator was: one line of `engine/generator.ndjson` per second. */

import { dictionary, type FromSchema, number, object, parseWithSchema } from '../../schema.ts';

export const generatorFile = 'generator.ndjson';

const any = number('a finite number', Number.isFinite);

const schema = object(
  {
    atMs: any,
    stepMs: any,
    cpuPercent: any,
    stealPercent: any,
    memoryPercent: any,
    runQueue: any,
    networkReceivedBytes: any,
    networkSentBytes: any,
    /** TCP sockets in use and how many local ports there are. */
    tcpSockets: any,
    localPorts: any,
    /** Retransmitted segments, as an increment. */
    tcpRetransmits: any,
  },
  {
    /**
     * By how much the clock's step differs from `stepMs`: it was set, or the machine was suspended.
     * Absent where they agree.
     */
    clockStepMs: any,
    /**
     * Of the engine's busiest process, of the processors it can use: those it is allowed, or one
     * where one of its threads does nearly all of its work. Absent while that is not known.
     */
    engineCpuPercent: any,
    /** Of the engine's processes: open files and the limit of the fullest one. */
    openFiles: any,
    openFilesLimit: any,
    /**
     * ENA `*_allowance_exceeded` counters that grew, as increments; absent where the driver has
     * none.
     */
    allowanceExceeded: dictionary(any),
  },
);

/**
 * Percentages are of the whole machine, 0 to 100, over the time since the previous line, which is
 * `stepMs` by a clock that nobody sets. Byte counts are increments.
 */
export type GeneratorSample = Readonly<FromSchema<typeof schema>>;

/** Undefined if the line is not a sample: it was cut off, or something else wrote it. */
export function parseGeneratorSample(line: string): GeneratorSample | undefined {
  try {
    return parseWithSchema(schema, line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
