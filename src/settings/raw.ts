/** Settings as written in YAML or in instance tags, before their values are read. */

import type { Problem } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { quote } from '../text.ts';
import { allKeys, isKey, listKey, topNames, variableName, variablePrefix } from './schema.ts';

/** One setting as written. `texts`: its value, or the items of its list, each with its place. */
export type RawSetting = Readonly<{ key: string; where: string; texts: readonly RawText[] }>;
export type RawText = Readonly<{ text: string; where: string }>;
export type RawSettings = Readonly<{
  settings: readonly RawSetting[];
  problems: readonly Problem[];
}>;

/** The setting that applies if several sources name it. */
export type EffectiveSetting = RawSetting & Readonly<{ source: string }>;

/** Whether a setting of this key exists: any variable does. */
export function isSetting(key: string): boolean {
  return isKey(key) || key === listKey || isVariable(key);
}

export function isVariable(key: string): boolean {
  return key.startsWith(variablePrefix);
}

/** Splits a list in one text at commas and semicolons, except those in brackets or quotes. */
export function splitList(text: string): readonly string[] {
  const items = text.match(/(?:"[^"]*"|\([^()]*\)|[^;,])+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

export function noValue(key: string, where: string): Problem {
  return {
    code: 'SETTINGS_EMPTY',
    message: `${key} has no value`,
    hint: isVariable(key) ? 'write "" for an empty variable' : 'give it a value or remove it',
    where,
  };
}

export function badVariableName(key: string, where: string): Problem {
  return {
    code: 'SETTINGS_VAR',
    message: `a variable cannot have the name ${quote(key.slice(variablePrefix.length))}`,
    hint: 'use letters, digits and _, and start with a letter or _',
    where,
  };
}

export function hasVariableName(key: string): boolean {
  return variableName.test(key.slice(variablePrefix.length));
}

/** What to say about a key that does not exist. */
export function unknownHint(key: string): string {
  const dot = key.indexOf('.');
  const [section, name] = dot < 0 ? ['', key] : [key.slice(0, dot), key.slice(dot + 1)];
  if (section !== '' && isSetting(key)) return `nest it: \`${section}: { ${name}: … }\``;
  const siblings = allKeys.filter((known) => known.startsWith(`${section}.`));
  const names = siblings.map((known) => known.slice(section.length + 1));
  const near =
    siblings.length > 0
      ? siblings[names.indexOf(nearest(name, names) ?? '')]
      : (nearest(key, topNames) ?? nearest(key, allKeys));
  const meant = allKeys.find((known) => known.endsWith(`.${name}`)) ?? near;
  if (meant !== undefined) return `did you mean ${meant}?`;
  return `there are: ${(siblings.length > 0 ? siblings : topNames).join(', ')}`;
}
