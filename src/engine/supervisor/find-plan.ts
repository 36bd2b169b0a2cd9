/** Finds and reads the plan that the supervisor is started with. */

import { realpath } from 'node:fs/promises';
import { hasCode, OnagerError } from '../../errors.ts';
import { RefusedFile } from '../../files/untrusted-file.ts';
import type { Plan } from '../engine.ts';
import { readPlan } from '../handover/plan-file.ts';

const hint = 'the agent makes a plan.json, in engine/ of the run folder, and starts the engine';

/** Throws `ENGINE_FILE_INVALID`, `SOURCE_MISSING` and `SOURCE_UNREADABLE`. */
export async function findPlan(path: string): Promise<Readonly<{ plan: Plan; planPath: string }>> {
  try {
    // A unit names a link to the plan; the folder of the plan itself is the engine's.
    const planPath = await realpath(path);
    return { plan: await readPlan(planPath), planPath };
  } catch (cause) {
    const isRefused = cause instanceof RefusedFile;
    if ((cause instanceof OnagerError && !isRefused) || !(cause instanceof Error)) throw cause;
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR'))
      throw new OnagerError('SOURCE_MISSING', `there is no plan "${path}"`, { hint, cause });
    const why = isRefused ? cause.reason : cause.message;
    throw new OnagerError('SOURCE_UNREADABLE', `cannot read the plan "${path}": ${why}`, {
      hint,
      cause,
    });
  }
}
