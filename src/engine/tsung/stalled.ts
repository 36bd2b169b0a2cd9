/** Tells a Tsung that will never end by itself from one that is at work. */

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { readUntrustedEnd } from '../../untrusted-text.ts';
import type { EngineOutput, Plan } from '../engine.ts';
import { endBytes, findLogFolder } from './log-folder.ts';

/** tsung.log grows every second, from the first after the start to the last. */
const silenceMs = 60_000;
/** A Tsung that had over 1,000 users when it last looked looks again after a minute; then it ends when it finds none. */
const emptyIntervals = 120;

/** Why the run will never end, or undefined. `nowMs`: Unix time. */
export async function stalledBecause(
  output: EngineOutput,
  plan: Plan,
  elapsedMs: number,
  nowMs: number,
): Promise<string | undefined> {
  if (elapsedMs < silenceMs) return undefined;
  const folder = await findLogFolder(output.dir);
  const log = join(folder ?? output.dir, 'tsung.log');
  const writtenMs = await modifiedMs(log);
  if (writtenMs === undefined) return 'tsung has not opened its log within a minute';
  const silentMs = nowMs - writtenMs;
  if (silentMs >= silenceMs) {
    return `tsung has written no statistics for ${Math.round(silentMs / 1000)} s, and writes them every second`;
  }
  if (elapsedMs < (plan.plannedDurationMs ?? 0) + emptyIntervals * 1000) return undefined;
  return isDeserted(readUntrustedEnd(log, endBytes))
    ? `tsung has had no users for ${emptyIntervals} s after the planned end, and does not end`
    : undefined;
}

/** Whether the last intervals in this end of tsung.log had no users, neither new nor old. */
export function isDeserted(log: string): boolean {
  const users = [...log.matchAll(/^stats: (?:users|users_count) (\d+) /gm)].map(
    ([, count]) => count,
  );
  const last = users.slice(-2 * emptyIntervals);
  return last.length === 2 * emptyIntervals && last.every((count) => count === '0');
}

async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
