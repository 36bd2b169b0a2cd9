/** Settings in a form that is safe to show. */

import { stringify } from 'yaml';
import { isSecretName, redacted, redactText } from '../redact.ts';
import { type EffectiveSetting, isVariable } from './raw.ts';
import { allKeys, listKey, secretKeys, variablePrefix } from './schema.ts';
import type { ShownSetting } from './settings.ts';

/** Every setting that has a value, in the schema's order, then the variables by name. */
export function showSettings(
  winners: ReadonlyMap<string, EffectiveSetting>,
): readonly ShownSetting[] {
  const variableKeys = [...winners.keys()].filter(isVariable).sort();
  return [...allKeys, ...variableKeys].flatMap((key) => {
    const winner = winners.get(key);
    return winner === undefined ? [] : [{ key, value: shownValue(winner), source: winner.source }];
  });
}

function shownValue({ key, texts }: EffectiveSetting): string {
  const [first] = texts;
  if (isSecret(key, first?.text ?? '')) return redacted;
  const shown = texts.map(({ text }) => redactText(text));
  const value = key === listKey ? shown : (shown[0] ?? '');
  // A variable is always text. YAML quotes make empty text, outer spaces and line ends visible.
  const isPlain = (text: string): boolean => !isVariable(key) || /^[^\s"'](?:.*\S)?$/u.test(text);
  if (typeof value === 'string' && isPlain(value)) return value;
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function isSecret(key: string, text: string): boolean {
  if (isVariable(key)) return text !== '' && isSecretName(key.slice(variablePrefix.length));
  return secretKeys.has(key) && text !== 'instance-id' && text !== 'public';
}
