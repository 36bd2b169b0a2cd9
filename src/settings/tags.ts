/** Reads instance tags as single settings: `onager:limits.duration` = `10m`. */

import type { Problem } from '../errors.ts';
import { quote } from '../text.ts';
import {
  badVariableName,
  hasVariableName,
  isSetting,
  isVariable,
  noValue,
  type RawSettings,
  type RawText,
  splitList,
  unknownHint,
} from './raw.ts';
import { isSection, listKey } from './schema.ts';
import { parseSettings } from './yaml.ts';

const prefix = 'onager:';

/** Takes those that start with `onager:`; all other tags are not for Onager. */
export function parseTags(tags: Readonly<Record<string, string>>): RawSettings {
  const ours = Object.entries(tags).filter(([name]) => name.toLowerCase().startsWith(prefix));
  const parsed = ours.map(([name, text]) => parseTag(name, text));
  return {
    settings: parsed.flatMap(({ settings }) => settings),
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

function parseTag(name: string, text: string): RawSettings {
  const key = name.slice(prefix.length);
  const where = `tag ${name}`;
  const wrong = (problem: Problem): RawSettings => ({ settings: [], problems: [problem] });
  const right = (texts: readonly RawText[]): RawSettings => ({
    settings: [{ key, where, texts }],
    problems: [],
  });
  if (!name.startsWith(prefix) || !isSetting(key)) return wrong(unknownTag(name, key));
  if (isVariable(key)) {
    return hasVariableName(key) ? right([{ text, where }]) : wrong(badVariableName(key, where));
  }
  const trimmed = text.trim();
  if (trimmed === '') return wrong(noValue(key, where));
  if (key !== listKey) return right([{ text: trimmed, where }]);
  if (!trimmed.startsWith('['))
    return right(splitList(trimmed).map((rule) => ({ text: rule, where })));
  const list = parseSettings(`${listKey}: ${trimmed}`, where);
  return {
    settings: list.settings.map((setting) => ({
      ...setting,
      where,
      texts: setting.texts.map((item) => ({ ...item, where })),
    })),
    problems: list.problems.map((problem) => ({ ...problem, where })),
  };
}

function unknownTag(name: string, key: string): Problem {
  const hint = isSection(key) ? `write ${prefix}${key}.<name>` : unknownHint(key);
  return {
    code: 'SETTINGS_TAG_UNKNOWN',
    message: `the tag ${quote(name)} does not name a setting`,
    hint: name.startsWith(prefix) ? hint : `the prefix is ${prefix}, in lower case`,
    where: `tag ${quote(name, 140).slice(1, -1)}`,
  };
}
