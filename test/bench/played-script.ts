/** A script that stands in for Tsung's, and plays a load that never was (played-tsung.ts). */

import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Played = Readonly<{
  rows: number;
  names: number;
  /** Over how many doublings the durations of a name are spread. */
  spread: number;
  seconds: number;
  /** Each second is written when it is over, not at once. */
  isReal?: boolean;
}>;

/**
 * The real tsung script with the player right after its first line. The rest never runs: Onager
 * reads it for the version and the paths. Gives its path.
 */
export async function writePlayedTsung(
  dir: string,
  { rows, names, spread, seconds, isReal = false }: Played,
): Promise<string> {
  const path = join(dir, 'tsung');
  const [first = '', ...rest] = (await readFile('/usr/bin/tsung', 'utf8')).split('\n');
  const player = join(import.meta.dirname, 'played-tsung.ts');
  const args = [rows, names, spread, seconds, isReal ? 'real' : 'quick'];
  const play = `exec ${process.execPath} ${player} ${args.join(' ')} "$@"`;
  await writeFile(path, [first, play, ...rest].join('\n'));
  await chmod(path, 0o755);
  return path;
}
