/** Every setting: its key, how its text is read, and its default. */

import { counted } from '../text.ts';
import { endpoint, entry, publishTo, region, scenarioFrom } from './locations.ts';
import type { Access } from './settings.ts';
import {
  addresses,
  choice,
  duration,
  integer,
  samples,
  share,
  size,
  text,
  truth,
  type ValueReader,
} from './values.ts';

/** Variables are settings too, under any name that matches this. */
export const variablePrefix = 'vars.';
export const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The one setting with several values. */
export const listKey = 'slo';

/** The one setting whose value is a list in one text, which YAML may write as a list, too. */
export const joinedKey = 'cluster.peers';

const access: ValueReader<Access> = (value) => {
  if (value === 'instance-id' || value === 'public') return { value: { kind: value } };
  if (/^[\x21-\x7e]{16,256}$/.test(value)) return { value: { kind: 'key', key: value } };
  return {
    code: 'SETTINGS_ACCESS',
    is: /^[\x21-\x7e]*$/.test(value)
      ? `is a key of ${counted(value.length, 'character')}`
      : 'is a key with spaces or non-ASCII characters',
    hint: 'write instance-id, public, or a key of 16 to 256 letters, digits and symbols',
  };
};

const readers = {
  'scenario.from': scenarioFrom,
  'scenario.sha256': text(/^[0-9a-f]{64}$/i, {
    code: 'SETTINGS_SHA256',
    is: 'is not a SHA-256',
    hint: 'write the 64 hexadecimal digits that `sha256sum` prints for the file',
  }),
  engine: text(/^[a-z][a-z0-9-]{0,31}$/, {
    code: 'SETTINGS_ENGINE',
    is: 'is not the name of an engine',
    hint: 'write tsung, or leave it out: the engine is recognised from the files of the scenario',
  }),
  entry,
  'limits.duration': duration({ min: '1s', max: '30d' }),
  'limits.drain': duration({ min: '1s', max: '30d' }),
  'limits.unpacked': size({ min: '1KiB', max: '16GiB' }),
  'limits.files': integer({ min: 1, max: 100_000 }),
  'load.duration': duration({ min: '1s', max: '30d' }),
  'load.scale': share,
  samples,
  names: choice(['template', 'url']),
  'tls.verify': truth,
  'report.access': access,
  'publish.to': publishTo,
  'publish.region': region,
  'publish.endpoint': endpoint,
  'publish.kmsKey': text(/^(?:arn:aws[a-z-]*:kms:\S{1,200}|alias\/\S{1,250}|[A-Za-z0-9-]{1,64})$/, {
    code: 'SETTINGS_KMS_KEY',
    is: 'is not a KMS key',
    hint: 'write its id, its ARN, or alias/<name>',
  }),
  'publish.bucketOwner': text(/^\d{12}$/, {
    code: 'SETTINGS_BUCKET_OWNER',
    is: 'is not an account number',
    hint: 'write the 12 digits of the account that owns the bucket',
  }),
  'cluster.size': integer({ min: 1, max: 1_000 }),
  'cluster.timeout': duration({ min: '1s', max: '1h' }),
  'cluster.quorum': integer({ min: 1, max: 1_000 }),
  'cluster.id': text(/^[\x21-\x7e]{1,128}$/, {
    code: 'SETTINGS_CLUSTER_ID',
    is: 'is not the id of a cluster',
    hint: 'write a name of 1 to 128 letters, digits and symbols, which all members have',
  }),
  'cluster.key': text(/^[\x21-\x7e]{16,256}$/, {
    code: 'SETTINGS_CLUSTER_KEY',
    is: 'is not a key',
    hint: 'write 16 to 256 letters, digits and symbols',
  }),
  'cluster.peers': addresses,
  'cluster.discover': choice(['auto', 'none', 'subnet', 'api', 'bucket']),
  asg: truth,
  'after.action': choice(['serve', 'stop', 'terminate']),
  'after.delay': duration({ min: '0', max: '7d' }),
  lifetime: duration({ min: '1m', max: '30d' }),
};

type Value<R> = R extends ValueReader<infer T> ? T : never;
export type Values = { readonly [K in keyof typeof readers]: Value<(typeof readers)[K]> };
export type Key = keyof Values;

/** How each setting with one value is read. */
export const settingReaders: { readonly [K in Key]: ValueReader<Values[K]> } = readers;

/** The defaults: settings like any other, from the source `default`. */
export const defaults = `
limits: { duration: 6h, drain: 2m, unpacked: 256MiB, files: 2000 }
samples: true
names: template
tls: { verify: false }
slo: []
report: { access: instance-id }
cluster: { timeout: 5m, discover: auto }
asg: false
after: { action: serve, delay: 15m }
lifetime: 12h
`;

export function isKey(key: string): key is Key {
  return Object.hasOwn(readers, key);
}

/** Every key except variables, in display order. */
export const allKeys: readonly string[] = [...Object.keys(readers), listKey];

const sections = new Set(
  allKeys.filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
).add(variablePrefix.slice(0, -1));

export function isSection(key: string): boolean {
  return sections.has(key);
}

/** The names allowed at the top level. */
export const topNames: readonly string[] = [
  ...new Set([...allKeys.filter((key) => !key.includes('.')), ...sections]),
];

/** Settings that must not be shown. */
export const secretKeys: ReadonlySet<string> = new Set(['report.access', 'cluster.key']);
