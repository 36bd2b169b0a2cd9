/** What the benchmark of a cluster's members and its processes tell each other. */

import { type FromSchema, list, number, object, parseWithSchema, text } from '../../src/schema.ts';

const orderSchema = object(
  { dir: text(), subnet: text(), port: number(), size: number(), indexes: list(number()) },
  { usage: number(), grow: object({ bytesPerSecond: number(), seconds: number() }) },
);

/** `indexes`: the members to start. `usage`: a number that comes back with the answer. */
export type MembersOrder = FromSchema<typeof orderSchema>;

const reportSchema = object(
  {},
  {
    counted: number(),
    agreedAtMs: number(),
    startMs: number(),
    started: number(),
    usage: object({
      number: number(),
      cpuMs: number(),
      memoryBytes: number(),
      copiedBytes: number(),
    }),
  },
);

/** `counted`: members. `started`: how many of its own know the start, which is at `startMs`. */
export type MembersReport = FromSchema<typeof reportSchema>;

export function parseOrder(message: unknown): MembersOrder {
  return parseWithSchema(orderSchema, JSON.stringify(message));
}

export function parseReport(message: unknown): MembersReport {
  return parseWithSchema(reportSchema, JSON.stringify(message));
}
