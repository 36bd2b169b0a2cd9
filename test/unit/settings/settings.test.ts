/**
 * Settings: their values and defaults, the four sources and their precedence, and every problem
 * with its place.
 */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { mergeSettings } from '../../../src/settings/merge.ts';
import { parseSlo } from '../../../src/slo/parse.ts';

const hex = '0123456789abcdef'.repeat(4);

const everything = `#onager
scenario: { from: s3://bucket/a/checkout.zip, sha256: ${hex.toUpperCase()} }
engine: tsung
entry: load/tsung.xml
vars: { TARGET_HOST: shop.example.test, PORT: 010, YES: yes, V: 1.10, EMPTY: "" }
limits: { duration: 1h30m, drain: 45s, unpacked: 1GB, files: 10 }
load: { duration: 30s, scale: 10% }
samples: false
names: url
slo: [ "p95 < 300ms", errors < 1% ]
report: { access: 0123456789abcdef }
publish:
  to: s3://my.bucket/a/b/
  region: eu-west-1
  endpoint: http://127.0.0.1:9000
  kmsKey: alias/onager
  bucketOwner: 012345678901
cluster:
  size: 4
  timeout: 90s
  quorum: 3
  id: nightly
  key: a-key-of-20-letters!
  peers: [ 10.0.0.4, 10.0.0.5, 10.0.0.4 ]
  discover: api
asg: true
after: { action: terminate, delay: 0 }
tls: { verify: true }
lifetime: 2d
`;

const problemsOf = (text: string) => mergeSettings([{ source: 'user-data', text }]).problems;
const problemsOfTags = (tags: Record<string, string>) =>
  mergeSettings([{ source: 'tag', tags }]).problems;

// Generated and hostile input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

describe('mergeSettings', () => {
  it('has defaults for everything that is not set', () => {
    expect(mergeSettings([])).toMatchObject({
      problems: [],
      settings: {
        vars: {},
        limits: {
          durationMs: 21_600_000,
          drainMs: 120_000,
          unpackedBytes: 268_435_456,
          files: 2_000,
        },
        samples: true,
        names: 'template',
        tls: { verify: false },
        slo: [],
        report: { access: { kind: 'instance-id' } },
        asg: false,
        after: { action: 'serve', delayMs: 900_000 },
        lifetimeMs: 43_200_000,
      },
    });
    const absent = ['scenario', 'engine', 'entry', 'load', 'publish', 'cluster'];
    for (const key of absent) expect(mergeSettings([]).settings).not.toHaveProperty(key);
  });

  it('reads every setting', () => {
    const { settings, problems } = mergeSettings([{ source: 'user-data', text: everything }]);
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      scenario: { from: 's3://bucket/a/checkout.zip', sha256: hex },
      engine: 'tsung',
      entry: 'load/tsung.xml',
      vars: { TARGET_HOST: 'shop.example.test', PORT: '010', YES: 'yes', V: '1.10', EMPTY: '' },
      limits: { durationMs: 5_400_000, drainMs: 45_000, unpackedBytes: 1_000_000_000, files: 10 },
      load: { durationMs: 30_000, scale: 0.1 },
      samples: false,
      names: 'url',
      tls: { verify: true },
      slo: [parseSlo('p95 < 300ms'), parseSlo('errors < 1%')],
      report: { access: { kind: 'key', key: '0123456789abcdef' } },
      publish: {
        bucket: 'my.bucket',
        prefix: 'a/b',
        region: 'eu-west-1',
        endpoint: 'http://127.0.0.1:9000',
        kmsKey: 'alias/onager',
        bucketOwner: '012345678901',
      },
      cluster: {
        size: 4,
        timeoutMs: 90_000,
        quorum: 3,
        id: 'nightly',
        key: 'a-key-of-20-letters!',
        peers: ['10.0.0.4', '10.0.0.5'],
        discover: 'api',
      },
      asg: true,
      after: { action: 'terminate', delayMs: 0 },
      lifetimeMs: 172_800_000,
    });
  });

  it('reads JSON and CRLF as well', () => {
    const text = '#onager\r\n{ "lifetime": "2h",\r\n "vars": { "A": "1" } }\r\n';
    const { settings, problems } = mergeSettings([{ source: 'user-data', text }]);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ lifetimeMs: 7_200_000, vars: { A: '1' } });
  });

  it.each(['', '#onager', '# nothing\n---\n', 'publish:\nvars:\n'])(
    'takes %j as no settings',
    (text) => {
      expect(mergeSettings([{ source: 'user-data', text }])).toEqual(mergeSettings([]));
    },
  );

  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h 30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['1d12h', 129_600_000],
    ['2500ms', 2_500],
  ])('reads the duration %s', (duration, durationMs) => {
    const { settings } = mergeSettings([
      { source: 'x', text: `limits: { duration: ${duration} }` },
    ]);
    expect(settings.limits.durationMs).toBe(durationMs);
  });

  it.each([
    ['s3://bucket', { bucket: 'bucket', prefix: '' }],
    ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
    ['s3://bucket//a/b//', { bucket: 'bucket', prefix: 'a/b' }],
  ])('reads the place %s', (to, publish) => {
    const { settings } = mergeSettings([{ source: 'x', text: `publish: { to: "${to}" }` }]);
    expect(settings.publish).toEqual(publish);
  });

  it('prefers the later source, key by key; variables merge, the rules are replaced', () => {
    const { settings, shown, problems } = mergeSettings([
      { source: '/etc/onager/onager.yaml', text: 'lifetime: 1h\nvars: { A: image, B: image }' },
      { source: 'onager.yaml', text: 'slo: [ p95 < 1s, p99 < 2s ]\nafter: { action: stop }' },
      { source: 'user-data', text: 'slo: [ errors < 1% ]\nvars: { B: user, C: user }' },
      { source: 'tag', tags: { Name: 'x', 'onager:vars.C': ' 010 ', 'onager:lifetime': ' 3h ' } },
    ]);
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      lifetimeMs: 10_800_000,
      vars: { A: 'image', B: 'user', C: ' 010 ' },
      slo: [{ text: 'errors < 1%' }],
      after: { action: 'stop', delayMs: 900_000 },
    });
    expect(shown).toContainEqual({ key: 'lifetime', value: '3h', source: 'tag' });
    expect(shown).toContainEqual({ key: 'after.delay', value: '15m', source: 'default' });
    expect(shown).toContainEqual({
      key: 'vars.A',
      value: 'image',
      source: '/etc/onager/onager.yaml',
    });
    expect(shown).toContainEqual({ key: 'vars.C', value: '" 010 "', source: 'tag' });
    expect(shown).toContainEqual({ key: 'slo', value: '[ errors < 1% ]', source: 'user-data' });
  });

  it.each([
    'p95 < 1s; errors < 1%',
    'p95 < 1s, errors < 1%',
    '[ p95 < 1s, errors < 1% ]',
    '["p95 < 1s", "errors < 1%"]',
  ])('reads a list from the tag %j', (text) => {
    const { settings, problems } = mergeSettings([{ source: 'tag', tags: { 'onager:slo': text } }]);
    expect(problems).toEqual([]);
    expect(settings.slo.map((rule) => rule.text)).toEqual(['p95 < 1s', 'errors < 1%']);
  });

  it.each([
    ['35231', '35231'],
    ['010', '010'],
    ['yes', 'yes'],
    ['a: b, [c]', 'a: b, [c]'],
    ['', '""'],
    [' x', '" x"'],
    ['"x"', `'"x"'`],
    ['two\nlines', 'two\n\nlines'],
  ])(
    'shows a variable as it stands, in quotes only where it would not be seen: %j',
    (text, shown) => {
      const merged = mergeSettings([{ source: 'tag', tags: { 'onager:vars.V': text } }]);
      expect(merged.settings.vars).toEqual({ V: text });
      expect(merged.shown).toContainEqual({ key: 'vars.V', value: shown, source: 'tag' });
    },
  );

  it('does not split a list within parentheses or quotes', () => {
    const text = 'request(a,b).p95 < 1s; request("c; (d").p95 < 1s';
    const { settings } = mergeSettings([{ source: 'tag', tags: { 'onager:slo': text } }]);
    expect(settings.slo.map((rule) => rule.scope)).toEqual([
      { kind: 'request', name: 'a,b' },
      { kind: 'request', name: 'c; (d' },
    ]);
  });

  it('keeps variables with the names of built-in properties', () => {
    const { settings } = mergeSettings([
      { source: 'x', text: 'vars: { __proto__: a, toString: b }' },
    ]);
    expect(Object.entries(settings.vars)).toEqual([
      ['__proto__', 'a'],
      ['toString', 'b'],
    ]);
  });

  it('reports all problems of all sources at once, in the order of their places', () => {
    const { problems } = mergeSettings([
      { source: 'onager.yaml', text: 'lifetime: soon\nlimits:\n  files: many\n  fils: 3\n' },
      { source: 'user-data', text: '#onager\nslo:\n  - p95 < 300\n  - a: b\nsample: false\n' },
      { source: 'tag', tags: { 'onager:samples': 'yes', 'onager:limit.files': '3' } },
    ]);
    expect(problems.map(({ where, code }) => `${where} ${code}`)).toEqual([
      'onager.yaml:1:11 SETTINGS_DURATION',
      'onager.yaml:3:10 SETTINGS_NUMBER',
      'onager.yaml:4:3 SETTINGS_UNKNOWN',
      'user-data:3:5 SLO_VALUE',
      'user-data:4:5 SETTINGS_SHAPE',
      'user-data:5:1 SETTINGS_UNKNOWN',
      'tag onager:limit.files SETTINGS_TAG_UNKNOWN',
      'tag onager:samples SETTINGS_BOOLEAN',
    ]);
  });

  it.each([
    ['cluster: { peers: "10.0.0.4,10.0.0.5" }', {}],
    ['cluster: { peers: 10.0.0.4 10.0.0.5 }', {}],
    ['cluster: { peers: [ 10.0.0.4, 10.0.0.5 ] }', {}],
    ['', { 'onager:cluster.peers': ' 10.0.0.4  10.0.0.5, ' }],
  ])('reads the addresses of members from %j and the tags %j', (text, tags) => {
    const size = { source: 'onager.yaml', text: 'cluster: { size: 2 }' };
    const sources = [size, { source: 'user-data', text }, { source: 'tag', tags }];
    const { settings, shown, problems } = mergeSettings(sources);
    expect(problems).toEqual([]);
    expect(settings.cluster?.peers).toEqual(['10.0.0.4', '10.0.0.5']);
    const value = expect.stringMatching(/^10\.0\.0\.4,? *10\.0\.0\.5,?$/);
    expect(shown).toContainEqual(expect.objectContaining({ key: 'cluster.peers', value }));
  });

  it('needs all members, and looks for them in every way, unless it is told otherwise', () => {
    const { settings, problems } = mergeSettings([{ source: 'x', text: 'cluster: { size: 4 }' }]);
    expect(problems).toEqual([]);
    expect(settings.cluster).toEqual({
      size: 4,
      timeoutMs: 300_000,
      quorum: 4,
      peers: [],
      discover: 'auto',
    });
  });

  it('never shows the key of a cluster', () => {
    const right = 'cluster: { size: 2, key: 0123456789-secret }';
    expect(mergeSettings([{ source: 'x', text: right }]).shown).toContainEqual({
      key: 'cluster.key',
      value: '[redacted]',
      source: 'x',
    });
    const tags = { 'onager:cluster.size': '2', 'onager:cluster.key': 'short-secret' };
    for (const wrong of [
      mergeSettings([{ source: 'x', text: 'cluster: { size: 2, key: short-secret }' }]),
      mergeSettings([{ source: 'tag', tags }]),
    ]) {
      expect(wrong.problems).toMatchObject([{ code: 'SETTINGS_CLUSTER_KEY' }]);
      expect(JSON.stringify(wrong.problems)).not.toContain('secret');
      expect(JSON.stringify(wrong.shown)).not.toContain('secret');
    }
  });

  it('tells a wrong value even where a later source overrides it', () => {
    const { settings, problems } = mergeSettings([
      { source: 'onager.yaml', text: 'lifetime: soon' },
      { source: 'user-data', text: 'lifetime: 2h' },
    ]);
    expect(problems).toHaveLength(1);
    expect(settings.lifetimeMs).toBe(7_200_000);
  });

  it('waits with what is missing until all sources are there', () => {
    const sources = [{ source: 'tag', tags: { 'onager:publish.region': 'eu-west-1' } }];
    expect(mergeSettings(sources, { isComplete: false }).problems).toEqual([]);
    expect(mergeSettings(sources).problems).toMatchObject([{ code: 'SETTINGS_CONFLICT' }]);
  });

  it.each([
    ['lifetime: 2 hours', 'SETTINGS_DURATION', 'lifetime is not a duration: "2 hours"'],
    ['lifetime: 90', 'SETTINGS_DURATION', 'has no unit'],
    ['lifetime: 30m1h', 'SETTINGS_DURATION', 'is not a duration'],
    ['lifetime: -1h', 'SETTINGS_DURATION', 'is not a duration'],
    ['lifetime: 1s', 'SETTINGS_RANGE', 'the smallest value is 1m'],
    ['lifetime: 999999999999d', 'SETTINGS_RANGE', 'the largest 30d'],
    ['limits: { unpacked: 256M }', 'SETTINGS_SIZE', '256MiB'],
    ['limits: { unpacked: 1TiB }', 'SETTINGS_SIZE', 'is not a size'],
    ['limits: { unpacked: 100GiB }', 'SETTINGS_RANGE', 'the largest 16GiB'],
    ['limits: { files: 1e3 }', 'SETTINGS_NUMBER', 'not a whole number'],
    ['limits: { files: 0 }', 'SETTINGS_RANGE', 'the smallest value is 1'],
    ['load: { scale: 0 }', 'SETTINGS_RANGE', 'the smallest value is 0.01%'],
    ['load: { scale: 2 }', 'SETTINGS_RANGE', 'the largest 100%'],
    ['load: { scale: 101% }', 'SETTINGS_RANGE', 'the largest 100%'],
    ['load: { scale: half }', 'SETTINGS_NUMBER', 'not a share'],
    ['load: { duration: 30 }', 'SETTINGS_DURATION', 'has no unit'],
    ['samples: no', 'SETTINGS_BOOLEAN', 'neither true, false nor rows'],
    ['names: tag', 'SETTINGS_CHOICE', 'write one of: template, url'],
    ['after: { action: reboot }', 'SETTINGS_CHOICE', 'serve, stop, terminate'],
    ['engine: Tsung 1.8', 'SETTINGS_ENGINE', 'not the name of an engine'],
    ['entry: ../tsung.xml', 'SETTINGS_ENTRY', 'path inside the archive'],
    ['entry: /tsung.xml', 'SETTINGS_ENTRY', 'path inside the archive'],
    ['entry: load\\tsung.xml', 'SETTINGS_ENTRY', 'forward slashes'],
    ['entry: "a\\u0000b"', 'SETTINGS_ENTRY', 'path inside the archive'],
    ['vars: { my-host: x }', 'SETTINGS_VAR', '"my-host"'],
    ['vars: { A: }', 'SETTINGS_EMPTY', 'write ""'],
    ['vars: { A: [b] }', 'SETTINGS_SHAPE', 'vars.A is a list'],
    [
      'scenario: { from: checkout.zip }',
      'SETTINGS_SCENARIO_FROM',
      'not an s3:// or https:// address',
    ],
    ['scenario: { from: s3://bucket/ }', 'SETTINGS_SCENARIO_FROM', 'names no object'],
    ['scenario: { from: s3://My_Bucket/x }', 'SETTINGS_SCENARIO_FROM', 'bucket that cannot exist'],
    [
      'scenario: { from: "https://me:pw@h.test/x" }',
      'SETTINGS_SCENARIO_FROM',
      '"https://[redacted]@h.test/x"',
    ],
    [
      'scenario: { from: "https://" }',
      'SETTINGS_SCENARIO_FROM',
      'not an s3:// or https:// address',
    ],
    ['scenario: { from: http://h.test/x.zip }', 'SETTINGS_SCENARIO_HTTP', 'https://'],
    ['scenario: { from: s3://bucket/x, sha256: abc }', 'SETTINGS_SHA256', 'sha256sum'],
    [`scenario: { sha256: ${hex} }`, 'SETTINGS_CONFLICT', 'scenario.from is not'],
    ['publish: { to: bucket/prefix }', 'SETTINGS_PUBLISH_TO', 's3://bucket/prefix'],
    ['publish: { to: s3://192.168.0.1/x }', 'SETTINGS_PUBLISH_TO', 'not an IP address'],
    ['publish: { to: s3://a..b/x }', 'SETTINGS_PUBLISH_TO', 'cannot exist'],
    ['publish: { to: s3://bucket/a/../b }', 'SETTINGS_PUBLISH_TO', 'no folders to go up'],
    [`publish: { to: s3://bucket/${'x'.repeat(701)} }`, 'SETTINGS_PUBLISH_TO', 'too long'],
    [
      'publish: { to: s3://bucket, region: eu-west-1a }',
      'SETTINGS_REGION',
      'write the region: eu-west-1',
    ],
    ['publish: { to: s3://bucket, region: Ireland }', 'SETTINGS_REGION', 'eu-west-1'],
    ['publish: { to: s3://bucket, endpoint: minio:9000 }', 'SETTINGS_ENDPOINT', 'not the address'],
    ['publish: { to: s3://bucket, endpoint: "http://u:p@h" }', 'SETTINGS_ENDPOINT', '[redacted]@h'],
    ['publish: { to: s3://bucket, kmsKey: my key }', 'SETTINGS_KMS_KEY', 'ARN'],
    ['publish: { to: s3://bucket, bucketOwner: 1234 }', 'SETTINGS_BUCKET_OWNER', '12 digits'],
    ['publish: { region: eu-west-1 }', 'SETTINGS_CONFLICT', 'publish.to is not'],
    ['report: { access: hunter2 }', 'SETTINGS_ACCESS', 'a key of 7 characters;'],
    ['report: { access: correct horse battery }', 'SETTINGS_ACCESS', 'spaces'],
    ['cluster: { size: 0 }', 'SETTINGS_RANGE', 'the smallest value is 1'],
    ['cluster: { size: 1001 }', 'SETTINGS_RANGE', 'the largest 1000'],
    ['cluster: { size: 2, timeout: 2h }', 'SETTINGS_RANGE', 'the largest 1h'],
    ['cluster: { size: 4, quorum: 2 }', 'SETTINGS_CONFLICT', 'with 3 or more'],
    ['cluster: { size: 2, id: "two words" }', 'SETTINGS_CLUSTER_ID', 'not the id of a cluster'],
    ['cluster: { size: 2, key: hunter2 }', 'SETTINGS_CLUSTER_KEY', 'cluster.key is not a key;'],
    ['cluster: { size: 2, discover: dns }', 'SETTINGS_CHOICE', 'auto, none, subnet, api, bucket'],
    ['cluster: { size: 2, discover: bucket }', 'SETTINGS_CONFLICT', 'publish.to is not set'],
    ['cluster: { size: 2, peers: 10.0.0.400 }', 'SETTINGS_ADDRESSES', '"10.0.0.400"'],
    ['cluster: { size: 2, peers: [ 10.0.0.4, web ] }', 'SETTINGS_ADDRESSES', '10.0.0.4, web'],
    ['cluster: { size: 2, peers: [] }', 'SETTINGS_ADDRESSES', 'not a list of IPv4 addresses'],
    ['cluster: { size: 2, peers: [ [ 10.0.0.4 ] ] }', 'SETTINGS_SHAPE', 'an item of cluster.peers'],
    ['cluster: { size: 2, peers: { a: b } }', 'SETTINGS_SHAPE', 'peers: [ 10.0.0.4, 10.0.0.5 ]'],
    ['cluster: { size: 2, id: [ a ] }', 'SETTINGS_SHAPE', 'a single value'],
    ['asg: yes', 'SETTINGS_BOOLEAN', 'neither true nor false'],
    ['cluster: { size: 1, quorum: 2 }', 'SETTINGS_CONFLICT', 'more than cluster.size'],
    ['cluster: { quorum: 2 }', 'SETTINGS_CONFLICT', 'cluster.size is not'],
    ['slo: [ p95 ]', 'SLO_SYNTAX', 'no comparison'],
    ['slo: { p95: 300ms }', 'SETTINGS_SHAPE', 'write a list'],
    ['slo: [ [ p95 < 1s ] ]', 'SETTINGS_SHAPE', 'quote the item'],
    ['duration: 5m', 'SETTINGS_UNKNOWN', 'did you mean limits.duration?'],
    ['limit: { files: 3 }', 'SETTINGS_UNKNOWN', 'did you mean limits?'],
    ['lifetme: 3h', 'SETTINGS_UNKNOWN', 'did you mean lifetime?'],
    ['region: eu-west-1', 'SETTINGS_UNKNOWN', 'did you mean publish.region?'],
    ['publish: { kmskey: alias/x }', 'SETTINGS_UNKNOWN', 'did you mean publish.kmsKey?'],
    ['limits: { Duration: 5m }', 'SETTINGS_UNKNOWN', 'did you mean limits.duration?'],
    ['limits.duration: 5m', 'SETTINGS_UNKNOWN', 'limits: { duration: … }'],
    ['publish: { acl: public-read }', 'SETTINGS_UNKNOWN', 'publish.to, publish.region'],
    ['constructor: x', 'SETTINGS_UNKNOWN', 'there are: engine'],
    ['"\\u001b[31m": x', 'SETTINGS_UNKNOWN', '\\u001b[31m'],
    ['<<: { lifetime: 2h }', 'SETTINGS_UNKNOWN', '"<<"'],
    ['- lifetime: 2h', 'SETTINGS_SHAPE', 'not a map'],
    ['just text', 'SETTINGS_SHAPE', 'not a map'],
    ['vars: text', 'SETTINGS_SHAPE', 'vars is not a map'],
    ['lifetime: { hours: 2 }', 'SETTINGS_SHAPE', 'lifetime is a map'],
    ['lifetime:', 'SETTINGS_EMPTY', 'lifetime has no value'],
    ['lifetime: 2h\nlifetime: 3h', 'SETTINGS_DUPLICATE', 'lifetime is given twice'],
    ['lifetime: !duration 2h', 'SETTINGS_YAML_TAG', 'remove the !'],
    ['limits: { files: !!int 3 }', 'SETTINGS_YAML_TAG', 'remove the !'],
    ['vars: { A: &a x, B: *a }', 'SETTINGS_ALIAS', 'vars.B'],
    ['vars: { A: *a }', 'SETTINGS_ALIAS', 'vars.A'],
    ['a: [1', 'SETTINGS_YAML', 'flow sequence'],
    ['after:\n\taction: stop', 'SETTINGS_YAML', 'spaces'],
    ['lifetime: 2h\n---\nlifetime: 3h', 'SETTINGS_YAML', 'several YAML documents'],
    ['? [a]\n: b', 'SETTINGS_YAML', 'keys must be strings'],
    ['['.repeat(60_000), 'SETTINGS_YAML', 'nested too deeply'],
    ['x'.repeat(65_537), 'SETTINGS_TOO_LARGE', '65537'],
  ])('says what is wrong with %j', (text, code, words) => {
    const [first] = problemsOf(text);
    expect(first).toMatchObject({ code });
    expect(`${first?.message}; ${first?.hint}`).toContain(words);
    expect(first?.where).toMatch(/^user-data(:\d+:\d+)?$/);
  });

  it.each([
    [{ 'onager:lifetme': '2h' }, 'SETTINGS_TAG_UNKNOWN', 'did you mean lifetime?'],
    [{ 'Onager:lifetime': '2h' }, 'SETTINGS_TAG_UNKNOWN', 'in lower case'],
    [{ 'onager:limits': '{}' }, 'SETTINGS_TAG_UNKNOWN', 'onager:limits.<name>'],
    [{ 'onager:': 'x' }, 'SETTINGS_TAG_UNKNOWN', 'there are'],
    [{ 'onager:lifetime': ' ' }, 'SETTINGS_EMPTY', 'no value'],
    [{ 'onager:lifetime': 'soon' }, 'SETTINGS_DURATION', '"soon"'],
    [{ 'onager:vars.a-b': 'x' }, 'SETTINGS_VAR', '"a-b"'],
    [{ 'onager:slo': '[ p95 < 1s' }, 'SETTINGS_YAML', 'flow sequence'],
    [{ 'onager:slo': 'p95 < 1s; p99' }, 'SLO_SYNTAX', 'no comparison'],
  ])('says what is wrong with the tag %j', (tags, code, words) => {
    const [first] = problemsOfTags(tags);
    const [name] = Object.keys(tags);
    expect(first).toMatchObject({ code, where: `tag ${name}` });
    expect(`${first?.message}; ${first?.hint}`).toContain(words);
  });

  it('answers a map of thousands of keys in little time', () => {
    const text = Array.from({ length: 9_000 }, (_, index) => `${index}:`).join('\n');
    const used = process.threadCpuUsage();
    const problems = problemsOf(text);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toContain('and 8,899 more problems');
    expect(process.threadCpuUsage(used).user).toBeLessThan(2_000_000);
  });

  it('never throws, whatever the text', () => {
    const lines = fc.constantFrom(
      ...everything.split('\n'),
      ...'[ { } ] : # & * ! | > \' " % - ? ,'.split(' '),
    );
    const pieces = fc.array(fc.oneof(lines, fc.string({ unit: 'binary', maxLength: 8 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, fc.constantFrom('\n', ' ', ''), (parts, glue) => {
        const text = parts.join(glue);
        const { settings, shown } = mergeSettings([
          { source: 'x', text },
          { source: 'tag', tags: { [`onager:${text}`]: text, 'onager:slo': text } },
        ]);
        expect(settings.lifetimeMs).toBeGreaterThan(0);
        expect(shown.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
