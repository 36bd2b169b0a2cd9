/** Finds the run that belongs to this instance, now and after every restart. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../aws/identity.ts';
import { hasCode } from '../errors.ts';

/** `<UTC launch time>-<instance-id>`, such as `20261122T221000Z-i-0abc`. */
export function runId({ launchedAt, instanceId }: Identity): string {
  const [toTheSecond = ''] = launchedAt.split('.');
  return `${toTheSecond.replaceAll(/[^\dT]/g, '')}Z-${instanceId}`;
}

/**
 * The root of this instance's run folder; the first one if there are several. An instance fires
 * once: a stop and a start change its launch time, but do not begin a new run.
 */
export async function findRun(runsDir: string, instanceId: string): Promise<string | undefined> {
  const names = await folderNames(runsDir);
  const mine = names.filter((name) => /^\d{8}T\d{6}Z-/.test(name) && name.slice(17) === instanceId);
  const [first] = mine.sort();
  return first === undefined ? undefined : join(runsDir, first);
}

async function folderNames(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
