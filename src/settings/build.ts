/** Builds the agent's settings from single settings that are already known to be valid. */

import { parseSlo } from '../slo/parse.ts';
import type { SloRule } from '../slo/rule.ts';
import { type EffectiveSetting, isVariable } from './raw.ts';
import { type Key, listKey, settingReaders, type Values, variablePrefix } from './schema.ts';
import type { PublishSettings, Settings } from './settings.ts';

export function buildSettings(winners: ReadonlyMap<string, EffectiveSetting>): Settings {
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
      drainMs: always('limits.drain'),
      unpackedBytes: always('limits.unpacked'),
      files: always('limits.files'),
    },
    ...load(get('load.duration'), get('load.scale')),
    samples: always('samples'),
    names: always('names'),
    tls: { verify: always('tls.verify') },
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
            ...optional('id', get('cluster.id')),
            ...optional('key', get('cluster.key')),
            peers: get('cluster.peers') ?? [],
            discover: always('cluster.discover'),
          },
    ),
    asg: always('asg'),
    after: { action: always('after.action'), delayMs: always('after.delay') },
    lifetimeMs: always('lifetime'),
  };
}

function load(durationMs: number | undefined, scale: number | undefined): Pick<Settings, 'load'> {
  if (durationMs === undefined && scale === undefined) return {};
  return { load: { ...optional('durationMs', durationMs), ...optional('scale', scale) } };
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

function variables(
  winners: ReadonlyMap<string, EffectiveSetting>,
): Readonly<Record<string, string>> {
  const entries = [...winners.values()].filter(({ key }) => isVariable(key));
  return Object.fromEntries(
    entries.map(({ key, texts }) => [key.slice(variablePrefix.length), texts[0]?.text ?? '']),
  );
}

function rules(winners: ReadonlyMap<string, EffectiveSetting>): readonly SloRule[] {
  return (winners.get(listKey)?.texts ?? []).flatMap(({ text }) => {
    const rule = parseSlo(text);
    return 'code' in rule ? [] : [rule];
  });
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  const one: { [P in K]?: T } = {};
  if (value !== undefined) one[key] = value;
  return one;
}
