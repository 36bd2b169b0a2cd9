/** The sources of settings made into one: later wins, all problems told at once. */

import { stringify } from 'yaml';
import type { Problem } from '../errors.ts';
import { parseSettings } from './parse-settings.ts';
import { parseTags } from './parse-tags.ts';
import { isVariable, type RawSetting } from './raw-settings.ts';
import type { Read } from './readers.ts';
import { isSecretName, redacted, redactText } from './redact.ts';
import type { PublishSettings, Settings, ShownSetting } from './settings.ts';
import {
  allKeys,
  defaults,
  isKey,
  type Key,
  listKey,
  secretKeys,
  settingReaders,
  type Values,
  variablePrefix,
} from './settings-schema.ts';
import { quote } from './show.ts';
import { parseSlo, type SloRule } from './slo.ts';

/** `source`: what to call it, such as `user-data`; `text`: YAML; `tags`: all tags of the instance. */
export type SettingsSource = Readonly<{
  source: string;
  text?: string;
  tags?: Readonly<Record<string, string>>;
}>;

/** `settings` may be acted on only if there are no problems: what could not be read is left out of it. */
export type MergedSettings = Readonly<{
  settings: Settings;
  shown: readonly ShownSetting[];
  problems: readonly Problem[];
}>;

const defaultSource = 'default';

type Winner = RawSetting & Readonly<{ source: string }>;

/** `isComplete`: false while the settings inside the scenario are still to come, so that what is missing may come with them. */
export function mergeSettings(
  sources: readonly SettingsSource[],
  { isComplete = true }: Readonly<{ isComplete?: boolean }> = {},
): MergedSettings {
  const winners = new Map<string, Winner>();
  const problems: Problem[] = [];
  for (const { source, text, tags } of [{ source: defaultSource, text: defaults }, ...sources]) {
    const parsed = [parseSettings(text ?? '', source), parseTags(tags ?? {})];
    const found = parsed.flatMap((part) => part.problems);
    for (const setting of parsed.flatMap((part) => part.settings)) {
      const wrong = problemsIn(setting);
      found.push(...wrong);
      if (wrong.length === 0) winners.set(setting.key, { ...setting, source });
    }
    problems.push(...found.toSorted(byPlace));
  }
  const settings = build(winners);
  problems.push(...clusterProblems(settings, winners));
  if (isComplete) problems.push(...missing(winners));
  return { settings, shown: show(winners), problems };
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

function build(winners: ReadonlyMap<string, Winner>): Settings {
  const get = <K extends Key>(key: K): Values[K] | undefined => {
    const text = winners.get(key)?.texts[0]?.text;
    const read = text === undefined ? undefined : settingReaders[key](text);
    return read !== undefined && 'value' in read ? read.value : undefined;
  };
  const always = <K extends Key>(key: K): Values[K] => {
    const value = get(key);
    if (value === undefined) throw new Error(`there is no default for ${key}`);
    return value;
  };
  const from = get('scenario.from');
  const to = get('publish.to');
  const size = get('cluster.size');
  return {
    ...(from === undefined
      ? {}
      : { scenario: { from, ...optional('sha256', get('scenario.sha256')?.toLowerCase()) } }),
    ...optional('engine', get('engine')),
    ...optional('entry', get('entry')),
    vars: variables(winners),
    limits: {
      durationMs: always('limits.duration'),
      unpackedBytes: always('limits.unpacked'),
      files: always('limits.files'),
    },
    samples: always('samples'),
    slo: rules(winners),
    report: { access: always('report.access') },
    ...optional('publish', to === undefined ? undefined : publishing(to, get)),
    ...optional(
      'cluster',
      size === undefined
        ? undefined
        : {
            size,
            timeoutMs: always('cluster.timeout'),
            quorum: get('cluster.quorum') ?? size,
          },
    ),
    after: { action: always('after.action'), delayMs: always('after.delay') },
    lifetimeMs: always('lifetime'),
  };
}

function publishing(
  to: Values['publish.to'],
  get: <K extends Key>(key: K) => Values[K] | undefined,
): PublishSettings {
  return {
    ...to,
    ...optional('region', get('publish.region')),
    ...optional('endpoint', get('publish.endpoint')),
    ...optional('kmsKey', get('publish.kmsKey')),
    ...optional('bucketOwner', get('publish.bucketOwner')),
  };
}

function variables(winners: ReadonlyMap<string, Winner>): Readonly<Record<string, string>> {
  const entries = [...winners.values()].filter(({ key }) => isVariable(key));
  return Object.fromEntries(
    entries.map(({ key, texts }) => [key.slice(variablePrefix.length), texts[0]?.text ?? '']),
  );
}

function rules(winners: ReadonlyMap<string, Winner>): readonly SloRule[] {
  return (winners.get(listKey)?.texts ?? []).flatMap(({ text }) => {
    const rule = parseSlo(text);
    return 'code' in rule ? [] : [rule];
  });
}

/** Settings that say nothing without another one. */
function missing(winners: ReadonlyMap<string, Winner>): readonly Problem[] {
  const needed = { scenario: 'scenario.from', publish: 'publish.to', cluster: 'cluster.size' };
  return Object.entries(needed).flatMap(([section, other]) => {
    if (winners.has(other)) return [];
    const lonely = [...winners.values()].filter(
      ({ key, source }) => key.startsWith(`${section}.`) && source !== defaultSource,
    );
    return lonely.map(({ key, where }) =>
      conflict(`${key} is set, but ${other} is not`, `add ${other}, or remove ${key}`, where),
    );
  });
}

function clusterProblems(
  { cluster }: Settings,
  winners: ReadonlyMap<string, Winner>,
): readonly Problem[] {
  if (cluster === undefined) return [];
  const found: Problem[] = [];
  const at = (key: string): string => winners.get(key)?.where ?? key;
  if (cluster.quorum > cluster.size) {
    const message = `cluster.quorum is ${cluster.quorum}, more than cluster.size ${cluster.size}`;
    const hint = 'the quorum is how many members are enough to start';
    found.push(conflict(message, hint, at('cluster.quorum')));
  }
  if (cluster.size > 1) {
    found.push({
      code: 'CLUSTER_UNSUPPORTED',
      message: `cluster.size is ${cluster.size}, but this version fires from one instance only`,
      hint: 'set it to 1 or remove it; take a larger instance type for more load',
      where: at('cluster.size'),
    });
  }
  return found;
}

function conflict(message: string, hint: string, where: string): Problem {
  return { code: 'SETTINGS_CONFLICT', message, hint, where };
}

/** Every setting that has a value, in the schema's order, then the variables by name. */
function show(winners: ReadonlyMap<string, Winner>): readonly ShownSetting[] {
  const variableKeys = [...winners.keys()].filter(isVariable).sort();
  return [...allKeys, ...variableKeys].flatMap((key) => {
    const winner = winners.get(key);
    return winner === undefined ? [] : [{ key, value: shownValue(winner), source: winner.source }];
  });
}

function shownValue({ key, texts }: Winner): string {
  const [first] = texts;
  if (isSecret(key, first?.text ?? '')) return redacted;
  const shown = texts.map(({ text }) => redactText(text));
  const value = key === listKey ? shown : (shown[0] ?? '');
  // In quotes where YAML would read it as something else: a variable `010`, but not `files: 2000`.
  if (typeof value === 'string' && !isVariable(key)) return value;
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function isSecret(key: string, text: string): boolean {
  if (isVariable(key)) return text !== '' && isSecretName(key.slice(variablePrefix.length));
  return secretKeys.has(key) && text !== 'instance-id' && text !== 'public';
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  const one: { [P in K]?: T } = {};
  if (value !== undefined) one[key] = value;
  return one;
}
