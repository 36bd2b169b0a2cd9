/** Merges the sources of settings: later ones win, and all problems are reported at once. */

import type { Problem } from '../errors.ts';
import { redactText } from '../redact.ts';
import { parseSlo } from '../slo/parse.ts';
import { counted, quote } from '../text.ts';
import { buildSettings } from './build.ts';
import { clusterProblems, defaultSource, missing } from './conflicts.ts';
import { type EffectiveSetting, isVariable, type RawSetting } from './raw.ts';
import { defaults, isKey, listKey, secretKeys, settingReaders } from './schema.ts';
import type { Settings, ShownSetting } from './settings.ts';
import { showSettings } from './show.ts';
import { parseTags } from './tags.ts';
import type { Read } from './values.ts';
import { parseSettings } from './yaml.ts';

/** How many problems of one source are reported. */
const maxProblems = 100;

/**
 * `source`: what to call it, such as `user-data`; `text`: YAML; `tags`: all tags of the instance.
 */
export type SettingsSource = Readonly<{
  source: string;
  text?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** If there are problems, `settings` lacks what could not be read, and must not be used. */
type MergedSettings = Readonly<{
  settings: Settings;
  shown: readonly ShownSetting[];
  problems: readonly Problem[];
}>;

/**
 * `isComplete`: false until the scenario's own settings, which may add what is missing, are known.
 */
export function mergeSettings(
  sources: readonly SettingsSource[],
  { isComplete = true }: Readonly<{ isComplete?: boolean }> = {},
): MergedSettings {
  const winners = new Map<string, EffectiveSetting>();
  const problems: Problem[] = [];
  for (const { source, text, tags } of [{ source: defaultSource, text: defaults }, ...sources]) {
    const parsed = [parseSettings(text ?? '', source), parseTags(tags ?? {})];
    const found = parsed.flatMap((part) => part.problems);
    for (const setting of parsed.flatMap((part) => part.settings)) {
      const wrong = problemsIn(setting);
      found.push(...wrong);
      if (wrong.length === 0) winners.set(setting.key, { ...setting, source });
    }
    problems.push(...bounded(found.toSorted(byPlace)));
  }
  const settings = buildSettings(winners);
  problems.push(...clusterProblems(settings, winners));
  if (isComplete) problems.push(...missing(winners));
  return { settings, shown: showSettings(winners), problems };
}

/** A file that is not a settings file could have thousands, and all go into the run's state. */
function bounded(problems: readonly Problem[]): readonly Problem[] {
  const next = problems[maxProblems];
  if (next === undefined) return problems;
  const message = `${next.message}, and ${counted(problems.length - maxProblems - 1, 'more problem')}`;
  return [...problems.slice(0, maxProblems), { ...next, message }];
}

function byPlace(a: Problem, b: Problem): number {
  return (a.where ?? '').localeCompare(b.where ?? '', 'en', { numeric: true });
}

/** What is wrong with the values of one setting. */
function problemsIn({ key, texts }: RawSetting): readonly Problem[] {
  if (isVariable(key)) return [];
  return texts.flatMap(({ text, where }) => {
    if (key === listKey) {
      const rule = parseSlo(text);
      return 'code' in rule ? [{ ...rule, where }] : [];
    }
    const read: Read<unknown> = isKey(key) ? settingReaders[key](text) : { value: text };
    if ('value' in read) return [];
    const value = secretKeys.has(key) ? '' : `: ${quote(redactText(text))}`;
    return [{ code: read.code, message: `${key} ${read.is}${value}`, hint: read.hint, where }];
  });
}
