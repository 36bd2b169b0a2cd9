/** What a member tells its leader about its own part of the load. */

import { problem } from '../../run/problem-schema.ts';
import {
  type FromSchema,
  object,
  oneOf,
  parseWithSchema,
  time,
  truth,
  wholeNumber,
} from '../../schema.ts';

/**
 * `stage`: `ready` waits for the start; `ended`: its engine has ended, and its files do not grow
 * any more; `failed`: it has not fired, and will not. `nowMs`: Unix time, by its own clock.
 * `problem`: why it failed, or why its load ended early. `hasStart`: it knows when the load starts.
 * `stopAskedAt`: when somebody asked it to stop.
 */
const progressSchema = object(
  { stage: oneOf('preparing', 'ready', 'running', 'ended', 'failed'), nowMs: wholeNumber },
  {
    problem,
    outcome: oneOf('complete', 'cut', 'stopped', 'interrupted', 'failed'),
    stopAskedAt: time,
    hasStart: truth,
  },
);

export type MemberProgress = FromSchema<typeof progressSchema>;

export function parseProgress(json: string): MemberProgress {
  return parseWithSchema(progressSchema, json, { unknownFields: 'kept' });
}
