/** Tells a Tsung that will never end by itself from one that is at work. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import type { EngineOutput, Plan } from '../engine.ts';
import { findLogFolder } from './log-folder.ts';

/** tsung.log grows every second, from the first after the start to the last. */
const silenceMs = 60_000;

/** Why the run will never end, or undefined. */
export async function stalledBecause(
  output: EngineOutput,
  _plan: Plan,
  elapsedMs: number,
  nowMs: number,
): Promise<string | undefined> {
  if (elapsedMs < silenceMs) return undefined;
  const folder = await findLogFolder(output.dir);
  if (folder === undefined) return 'tsung has not opened its log within a minute';
  const writtenMs = await modifiedMs(join(folder, 'tsung.log'));
  if (writtenMs === undefined) return 'tsung has not opened tsung.log within a minute';
  const silentMs = nowMs - writtenMs;
  if (silentMs < silenceMs) return undefined;
  return `tsung has written no statistics for ${Math.round(silentMs / 1000)} s, and writes them every second`;
}

async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
