/** What a leader tells a member to do. */

import { problem } from '../../run/problem-schema.ts';
import { type FromSchema, object, wholeNumber } from '../../schema.ts';

/** `atMs`: when the load starts, by the member's own clock (Unix time). */
export const startOrderSchema = object({ atMs: wholeNumber });
export type StartOrder = FromSchema<typeof startOrderSchema>;

/** Absent `problem`: a user asked to stop. */
export const endOrderSchema = object({}, { problem });
export type EndOrder = FromSchema<typeof endOrderSchema>;
