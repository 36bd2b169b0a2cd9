/** What was asked for: user-data, tags and the image's own settings, read and merged, with every problem at once. */

import { type Problem, ProblemsError } from '../../errors.ts';
import { mergeSettings, type SettingsSource } from '../../settings/merge.ts';
import type { Settings, ShownSetting } from '../../settings/settings.ts';
import { readUserData, type UserData } from '../../user-data/decode.ts';

/** Where settings can come from, besides the scenario itself. Texts are YAML. */
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

/** What the unpacked scenario brings along: the text of its own `onager.yaml`, if it has one. */
export type ScenarioSettings = Readonly<{ text: string | undefined }>;

/**
 * Later sources win: image, scenario, user-data, tags.
 * Without `scenario` it is not unpacked yet, and settings that only make sense with its own are not judged.
 *
 * @throws ProblemsError with all that is wrong, each with its place
 */
export function readRunConfig(sources: RunConfigSources, scenario?: ScenarioSettings): RunConfig {
  const userData = readUserData(sources.userData);
  const { settings, shown, problems } = mergeSettings(
    settingsSources(sources, userData, scenario?.text),
    { isComplete: scenario !== undefined },
  );
  throwIfAny(problems);
  return { userData, settings, shown };
}

function settingsSources(
  { imageSettings, tags }: RunConfigSources,
  userData: UserData,
  scenarioSettings: string | undefined,
): readonly SettingsSource[] {
  const userSettings = userData.kind === 'idle' ? undefined : userData.settingsText;
  return [
    ...(imageSettings === undefined
      ? []
      : [{ source: imageSettings.path, text: imageSettings.text }]),
    ...(scenarioSettings === undefined ? [] : [{ source: 'onager.yaml', text: scenarioSettings }]),
    ...(userSettings === undefined ? [] : [{ source: 'user-data', text: userSettings }]),
    { source: 'tag', tags },
  ];
}

export function throwIfAny(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ProblemsError([first, ...rest]);
}
