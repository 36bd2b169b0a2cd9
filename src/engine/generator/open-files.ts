/** How close the engine's processes are to their limits on open files. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readOrEmpty } from './engine-cpu.ts';
import { parseOpenFilesLimit } from './proc.ts';

/** The open files of the process that is closest to its limit. */
export function fullestOf(
  procDir: string,
  pids: readonly number[],
  { rare }: { rare: boolean },
): Readonly<{ openFiles?: number; openFilesLimit?: number }> {
  let fullest: { share: number; openFiles?: number; openFilesLimit?: number } = { share: -1 };
  for (const pid of pids) {
    const openFiles = countOpenFiles(join(procDir, String(pid), 'fd'), { rare });
    const limits = readOrEmpty(join(procDir, String(pid), 'limits'));
    const openFilesLimit = parseOpenFilesLimit(limits);
    if (openFiles === undefined || openFilesLimit === undefined) continue;
    const share = openFiles / openFilesLimit;
    if (share > fullest.share) fullest = { share, openFiles, openFilesLimit };
  }
  const { share: _, ...openFiles } = fullest;
  return openFiles;
}

/**
 * Linux 6.2 and later give the count as the folder's size. Before that, every entry must be listed,
 * so that is done rarely.
 */
function countOpenFiles(fdDir: string, { rare }: { rare: boolean }): number | undefined {
  try {
    const { size } = statSync(fdDir);
    return size === 0 && rare ? readdirSync(fdDir).length : size || undefined;
  } catch {
    return undefined;
  }
}
