/** What would be handed to `run-instances` for a scenario folder or a file. */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { hasCode, OnagerError } from '../errors.ts';
import { maxUserDataBytes, packScenario, settingsForm } from '../scenario/pack.ts';

/** A file is taken as it is. A folder is packed; where the zip is too large for user-data, `oversize` is that zip. */
export type Launch = Readonly<{ userData: Buffer; oversize?: Buffer }>;

/**
 * `bucket`: where a zip that is too large would be found.
 *
 * @throws OnagerError SOURCE_MISSING, PACK_EMPTY
 */
export async function userDataOf(source: string, bucket: string): Promise<Launch> {
  if (!(await isFolder(source))) return { userData: await readFile(source) };
  const { zip } = await packScenario(source);
  if (zip.byteLength <= maxUserDataBytes) return { userData: zip };
  const sha256 = createHash('sha256').update(zip).digest('hex');
  return { userData: Buffer.from(settingsForm({ sha256, bucket })), oversize: zip };
}

/** Instance tags that set variables of the scenario. */
export function varTags(vars: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [`onager:vars.${name}`, value]),
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new OnagerError('SOURCE_MISSING', `there is no file or folder "${path}"`, {
      hint: 'name a scenario folder, its zip, a tsung.xml, or a file with settings',
    });
  }
}
