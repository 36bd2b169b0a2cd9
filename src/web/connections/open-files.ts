/** How many files, including connections, this process may have open. */

import { readFileSync } from 'node:fs';

/** Node.js has already raised the limit as far as it may. */
export function openFilesLimit(limits = readFileSync('/proc/self/limits', 'utf8')): number {
  const [, soft = ''] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? [];
  return Number.parseInt(soft, 10) || Number.POSITIVE_INFINITY;
}
