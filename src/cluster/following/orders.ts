/** What a leader tells a member to do. */

import { readIfThere } from '../../files/files.ts';
import { problem } from '../../run/problem-schema.ts';
import { type FromSchema, object, parseWithSchema, wholeNumber } from '../../schema.ts';

/** `atMs`: when the load starts, by the member's own clock (Unix time). */
export const startOrderSchema = object({ atMs: wholeNumber });
export type StartOrder = FromSchema<typeof startOrderSchema>;

/** Absent `problem`: a user asked to stop. */
export const endOrderSchema = object({}, { problem });
export type EndOrder = FromSchema<typeof endOrderSchema>;

/** The start as it was written down; undefined before that. */
export async function readStart(path: string): Promise<StartOrder | undefined> {
  const json = await readIfThere(path);
  return json === undefined ? undefined : parseWithSchema(startOrderSchema, json);
}
