/** The settings file inside a scenario. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnagerError } from '../errors.ts';

const settingsNames = ['onager.yaml', 'onager.yml'];

/** The text of the scenario's own settings; undefined if it has none. */
export async function readScenarioSettings(dir: string): Promise<string | undefined> {
  const names = (await readdir(dir)).filter((name) => settingsNames.includes(name));
  const [name, other] = names.toSorted();
  if (name === undefined) return undefined;
  if (other !== undefined) {
    throw new OnagerError(
      'SCENARIO_SETTINGS_TWICE',
      `the scenario has two settings files, "${name}" and "${other}"`,
      { hint: 'keep one of them', where: other },
    );
  }
  return await readFile(join(dir, name), 'utf8');
}
