/** The phase `unpacking`: writes the scenario's files to their folder, and reads its settings. */

import { isThere } from '../../files/files.ts';
import type { RunFolder } from '../../run/folder.ts';
import { readScenarioSettings } from '../../scenario/settings-file.ts';
import { placeXml, unpackScenario } from '../../scenario/unpack.ts';
import type { RunConfig } from './configuration.ts';

/**
 * Returns the text of the scenario's own `onager.yaml`; undefined if it has none. An existing
 * folder is complete, and is kept.
 *
 * @throws OnagerError: why the scenario cannot be unpacked
 */
export async function unpack(
  { userData, settings }: Pick<RunConfig, 'userData' | 'settings'>,
  { scenarioZip, scenarioDir }: Pick<RunFolder, 'scenarioZip' | 'scenarioDir'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!isThere(scenarioDir)) {
    const { unpackedBytes, files } = settings.limits;
    const limits = { unpackedBytes, files };
    if (userData.kind === 'scenario' && userData.form === 'xml') {
      await placeXml(userData.scenario, scenarioDir);
    } else {
      await unpackScenario({ zipPath: scenarioZip, into: scenarioDir, limits, signal });
    }
  }
  return await readScenarioSettings(scenarioDir);
}
