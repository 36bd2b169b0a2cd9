/** Programs that see another time of day, with libfaketime, children and all. */

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * Put before a command. In a copy of /etc, which is mounted over the real one for it and its
 * children alone, the loader is told to load libfaketime into every program.
 */
export async function withClockOffset(dir: string, offsetMs: number): Promise<readonly string[]> {
  if (offsetMs === 0) return [];
  const etc = join(dir, 'etc');
  await mkdir(etc, { recursive: true });
  await cp('/etc', etc, { recursive: true, verbatimSymlinks: true });
  const { stdout } = await execa('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1']);
  await writeFile(join(etc, 'ld.so.preload'), `${stdout.trim()}\n`);
  const seconds = offsetMs / 1_000;
  await writeFile(join(etc, 'faketimerc'), `${seconds < 0 ? '' : '+'}${seconds}\n`);
  return ['unshare', '--mount', 'sh', '-euc', `mount --bind '${etc}' /etc; exec "$@"`, 'sh'];
}
