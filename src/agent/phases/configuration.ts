/**
 * Reads the settings of user-data, tags and image, and merges them; reports all problems at once.
 */

import type { Imds } from '../../aws/imds.ts';
import { throwIfAny } from '../../errors.ts';
import { readIfThere } from '../../files/files.ts';
import { mergeSettings, type SettingsSource } from '../../settings/merge.ts';
import type { Settings, ShownSetting } from '../../settings/settings.ts';
import { readUserData, type UserData } from '../../user-data/decode.ts';

/** The sources of settings other than the scenario itself. Texts are YAML. */
export type RunConfigSources = Readonly<{
  userData: Buffer | undefined;
  tags: Readonly<Record<string, string>>;
  imageSettings?: Readonly<{ path: string; text: string }>;
}>;

export type RunConfig = Readonly<{
  userData: UserData;
  settings: Settings;
  shown: readonly ShownSetting[];
}>;

export async function readSources(
  {
    imds,
    imageSettingsPath,
  }: Readonly<{ imds: Pick<Imds, 'userData' | 'tags'>; imageSettingsPath: string }>,
  signal: AbortSignal,
): Promise<RunConfigSources> {
  const [userData, tags, text] = await Promise.all([
    imds.userData(signal),
    imds.tags(signal),
    readIfThere(imageSettingsPath),
  ]);
  const imageSettings =
    text === undefined ? {} : { imageSettings: { path: imageSettingsPath, text } };
  return { userData, tags, ...imageSettings };
}

/**
 * Before the scenario is unpacked. A setting that the scenario may still add is not missing yet.
 *
 * @throws ProblemsError, OnagerError: all problems, each with its place
 */
export function readRunConfig(sources: RunConfigSources): RunConfig {
  const userData = readUserData(sources.userData);
  return merged(sources, userData, { isComplete: false });
}

/**
 * After the scenario is unpacked. `text`: its own `onager.yaml`, if it has one.
 *
 * @throws ProblemsError as above
 */
export function completeRunConfig(
  sources: RunConfigSources,
  { userData }: Pick<RunConfig, 'userData'>,
  text: string | undefined,
): RunConfig {
  const scenario = text === undefined ? [] : [{ source: 'onager.yaml', text }];
  return merged(sources, userData, { isComplete: true, scenario });
}

/**
 * The settings of image and tags only, which apply even if the user-data is broken.
 *
 * @throws ProblemsError as above
 */
export function readBounds(sources: RunConfigSources): Settings {
  return readRunConfig({ ...sources, userData: undefined }).settings;
}

/** A later source wins: image, scenario, user-data, tags. */
function merged(
  { imageSettings, tags }: RunConfigSources,
  userData: UserData,
  {
    isComplete,
    scenario = [],
  }: Readonly<{ isComplete: boolean; scenario?: readonly SettingsSource[] }>,
): RunConfig {
  const text = userData.kind === 'idle' ? undefined : userData.settingsText;
  const sources = [
    ...(imageSettings === undefined
      ? []
      : [{ source: imageSettings.path, text: imageSettings.text }]),
    ...scenario,
    ...(text === undefined ? [] : [{ source: 'user-data', text }]),
    { source: 'tag', tags },
  ];
  const { settings, shown, problems } = mergeSettings(sources, { isComplete });
  throwIfAny(problems);
  return { userData, settings, shown };
}
