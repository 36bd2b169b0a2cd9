/** Writes the exit for a supervisor that ended without recording one. */

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exit } from '../engine.ts';
import { generatorFile } from '../generator/sample.ts';
import { writeFirstExit } from '../handover/exit-file.ts';
import type { Fired } from '../handover/process-file.ts';

/**
 * Writes the exit for a supervisor that can no longer do so, unless there is one. `more`: what else
 * is known of its end.
 */
export async function writeLost(
  outputDir: string,
  fired: Fired,
  ...more: readonly string[]
): Promise<void> {
  await writeFirstExit(outputDir, await lostExit(outputDir, fired, ...more));
}

export async function lostExit(
  outputDir: string,
  fired: Fired,
  ...more: readonly string[]
): Promise<Exit> {
  const detail = `the engine's supervisor (pid ${fired.pid}) ended without recording how`;
  return {
    startedAt: fired.firedAt,
    endedAt: (await lastSign(outputDir, fired)).toISOString(),
    reason: 'lost',
    detail: [detail, ...more].filter(Boolean).join('; '),
  };
}

/** The supervisor writes a line every second: the last is the best estimate of when it died. */
async function lastSign(outputDir: string, fired: Fired): Promise<Date> {
  try {
    return (await lstat(join(outputDir, generatorFile))).mtime;
  } catch {
    return new Date(fired.firedAt);
  }
}
