/** How many files, connections among them, this process may have open. */

import { readFileSync } from 'node:fs';

/** Node.js has raised the limit as far as it may by then. */
export function openFilesLimit(limits = readFileSync('/proc/self/limits', 'utf8')): number {
  const [, soft = ''] = /^Max open files +(\d+|unlimited) /m.exec(limits) ?? [];
  return Number.parseInt(soft, 10) || Number.POSITIVE_INFINITY;
}
