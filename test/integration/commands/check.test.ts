/**
 * `onager check` from end to end: every valid form of user-data, and forty invalid ones, each wrong
 * in its own way.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, checkText } from '../../../src/commands/check.ts';
import { packScenario } from '../../../src/scenario/pack.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const xml = (edit: (text: string) => string = (text) => text): string =>
  edit(`<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="127.0.0.1" port="8080" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="20" unit="second"><users arrivalrate="2" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http"><request><http url="/" method="GET"/></request></session></sessions>
</tsung>
`);

let dir = '';
beforeAll(async () => {
  dir = await temporaryFolder('check-test');
});

async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = await mkdtemp(join(dir, 'scenario-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return (await packScenario(folder)).zip;
}

const zip = (edit?: (text: string) => string, more: Readonly<Record<string, string>> = {}) =>
  zipOf({ 'tsung.xml': xml(edit), ...more });
const withSettings = (yaml: string) => zip(undefined, { 'onager.yaml': yaml });
const settings = (yaml: string) => Buffer.from(`#onager\n${yaml}\n`);

function mime(...parts: readonly (readonly [type: string, body: Buffer])[]): Buffer {
  const texts = parts.map(
    ([type, body]) =>
      `--b\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body.toString('base64')}\r\n`,
  );
  return Buffer.from(
    `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n${texts.join('')}--b--\r\n`,
  );
}

/** What file:// instead of fileb:// does to bytes. */
const asText = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8'));

const right: readonly (readonly [string, string, () => Buffer | Promise<Buffer>])[] = [
  ['a zip', 'zip', () => zip()],
  ['bare XML', 'xml', () => Buffer.from(xml())],
  ['XML without its declaration', 'xml', () => Buffer.from(xml((t) => t.slice(t.indexOf('<!'))))],
  ['base64 of a zip', 'zip', async () => Buffer.from((await zip()).toString('base64'))],
  ['gzip of XML', 'xml', () => gzipSync(xml())],
  ['base64 of gzip of XML', 'xml', () => Buffer.from(gzipSync(xml()).toString('base64'))],
  [
    'MIME: cloud-config, settings and a zip',
    'zip',
    async () =>
      mime(
        ['text/cloud-config', Buffer.from('#cloud-config\n')],
        ['text/x-onager', settings('limits: { duration: 5m }')],
        ['application/zip', await zip()],
      ),
  ],
  ['cloud-config only', 'idle', () => Buffer.from('#cloud-config\npackages: [htop]\n')],
  ['a shell script', 'idle', () => Buffer.from('#!/bin/sh\necho hello\n')],
];

const wrong: readonly (readonly [string, () => Buffer | Promise<Buffer>])[] = [
  ['SOURCE_EMPTY', () => Buffer.from(' \n')],
  ['USER_DATA_UNKNOWN', () => Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])],
  ['USER_DATA_MANGLED', async () => asText(await zip())],
  ['USER_DATA_ZIP_CUT', async () => (await zip()).subarray(0, 300)],
  ['USER_DATA_ZIP_EMPTY', () => Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex')],
  ['USER_DATA_GZIP', () => gzipSync(xml()).subarray(0, 100)],
  [
    'USER_DATA_ENCODED_TWICE',
    async () => Buffer.from(Buffer.from((await zip()).toString('base64')).toString('base64')),
  ],
  ['USER_DATA_ARCHIVE', () => Buffer.from('7z\xbc\xaf\x27\x1c0000', 'latin1')],
  ['USER_DATA_HTML', () => Buffer.from('<!doctype html><html><body>404</body></html>')],
  ['USER_DATA_JSON', () => Buffer.from('{"scenario": {"from": "s3://b/k"}}')],
  ['USER_DATA_LOCATION', () => Buffer.from('s3://my-bucket/checkout.zip\n')],
  ['USER_DATA_PATH', () => Buffer.from('tsung.xml.zip\n')],
  ['USER_DATA_NO_ONAGER_LINE', () => Buffer.from('scenario:\n  from: s3://b/k.zip\n')],
  ['USER_DATA_UTF16', () => Buffer.from(`\ufeff${xml()}`, 'utf16le')],
  ['USER_DATA_OTHER_ENGINE', () => Buffer.from("import http from 'k6/http';\n")],
  ['USER_DATA_MIME_ZIP', () => mime(['application/zip', Buffer.from('no zip')])],
  [
    'USER_DATA_MIME_SEVERAL',
    async () => mime(['application/zip', await zip()], ['application/zip', await zip()]),
  ],
  ['USER_DATA_OVER_16K', () => zip(undefined, { 'noise.bin': noise(20_000) })],
  ['SETTINGS_YAML', () => settings('scenario: {')],
  ['SETTINGS_UNKNOWN', () => withSettings('slos: []')],
  ['SETTINGS_DURATION', () => withSettings('limits: { duration: soon }')],
  ['SETTINGS_SIZE', () => withSettings('limits: { unpacked: big }')],
  ['SETTINGS_NUMBER', () => withSettings('limits: { files: many }')],
  ['SETTINGS_RANGE', () => withSettings('limits: { duration: 90d }')],
  ['SETTINGS_BOOLEAN', () => withSettings('samples: perhaps')],
  ['SETTINGS_CHOICE', () => withSettings('after: { action: explode }')],
  ['SETTINGS_ACCESS', () => withSettings('report: { access: short }')],
  ['SETTINGS_PUBLISH_TO', () => withSettings('publish: { to: my-bucket }')],
  ['SETTINGS_SHA256', () => settings('scenario: { from: s3://bucket/k.zip, sha256: abc }')],
  ['SETTINGS_SCENARIO_HTTP', () => settings('scenario: { from: http://example.test/k.zip }')],
  ['SETTINGS_DUPLICATE', () => withSettings('samples: true\nsamples: false')],
  ['SLO_SYNTAX', () => withSettings('slo: [p95 about 1s]')],
  ['SLO_METRIC', () => withSettings('slo: ["p200 < 1s"]')],
  ['SLO_VALUE', () => withSettings('slo: ["p95 < 3%"]')],
  ['SLO_WINDOW', () => withSettings('slo: ["p95 < 3s over 1ms"]')],
  ['SETTINGS_CONFLICT', () => withSettings('cluster: { size: 4, quorum: 2 }')],
  ['SETTINGS_ADDRESSES', () => withSettings('cluster: { size: 4, peers: [ members ] }')],
  ['SCENARIO_MISSING', () => settings('limits: { duration: 5m }')],
  ['ENTRY_MISSING', () => zipOf({ 'readme.txt': 'hello' })],
  ['ENGINE_UNKNOWN', () => withSettings('engine: jmeter')],
  ['VAR_UNSET', () => zip((text) => text.replace('127.0.0.1', `\${TARGET_HOST}`))],
  ['TSUNG_XML', () => zip((text) => text.replace('</load>', '</laod>'))],
  ['TSUNG_DTD', () => zip((text) => text.replace('<request>', '<request colour="red">'))],
  ['TSUNG_PROBABILITY', () => zip((text) => text.replace('"100"', '"60"'))],
  ['TSUNG_SESSION_TYPE', () => zip((text) => text.replace('ts_http', 'ts_gopher'))],
  ['TSUNG_LOAD', () => zip((text) => text.replace('duration="20"', 'duration="0"'))],
  ['TSUNG_PORT', () => zip((text) => text.replace('8080', '80800'))],
  [
    'TSUNG_FILE_MISSING',
    () =>
      zip((text) =>
        text.replace(
          '<sessions>',
          '<options><option name="file_server" id="u" value="users.csv"/></options><sessions>',
        ),
      ),
  ],
  ['TSUNG_HOST', () => zip((text) => text.replace('127.0.0.1', '127.0.0.1:8080'))],
  ['TARGET_UNRESOLVABLE', () => zip((text) => text.replace('127.0.0.1', 'no-such-host.invalid'))],
  ['TARGET_FORBIDDEN', () => zip((text) => text.replace('127.0.0.1', '169.254.169.254'))],
];

function noise(bytes: number): string {
  let state = 1;
  return Array.from({ length: bytes }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}

async function checkBytes(bytes: Buffer) {
  const path = join(await mkdtemp(join(dir, 'user-data-')), 'user-data');
  await writeFile(path, bytes);
  return await check(path, { vars: {}, signal: AbortSignal.timeout(20_000) });
}

describe('onager check', () => {
  it.each(right)('%s is %s', async (_what, form, bytes) => {
    const result = await checkBytes(await bytes());
    expect(result).toMatchObject({ ok: true, form, problems: [] });
    const { engine, entry, plannedDurationMs } = result;
    const scenario = { engine: 'tsung', entry: 'tsung.xml', plannedDurationMs: 20_000 };
    const nothing = { engine: null, entry: null, plannedDurationMs: null };
    expect({ engine, entry, plannedDurationMs }).toEqual(form === 'idle' ? nothing : scenario);
  });

  it.each(wrong)('finds %s', async (code, bytes) => {
    const { ok, problems } = await checkBytes(await bytes());
    expect(ok).toBe(false);
    expect(problems.map((problem) => problem.code)).toContain(code);
    for (const { hint, message } of problems) {
      expect(message).toMatch(/^\S.{8,}/);
      expect(hint).toMatch(/^\S.{8,}/);
    }
    if (process.env['ONAGER_SAY'] !== undefined) {
      const [first] = problems;
      console.log(`| \`${code}\` | ${first?.where ?? ''} | ${first?.message} | ${first?.hint} |`);
    }
  });

  it('says that the zip of a large folder needs a bucket, and that of a small one does not', async () => {
    const folder = await mkdtemp(join(dir, 'folder-'));
    const checked = () => check(folder, { vars: {}, signal: AbortSignal.timeout(20_000) });
    await writeFile(join(folder, 'tsung.xml'), xml());
    const small = await checked();
    expect(small).toMatchObject({ ok: true, launch: 'user-data' });
    expect(checkText(small)).not.toContain('onager pack');
    await writeFile(join(folder, 'noise.bin'), noise(40_000));
    const large = await checked();
    expect(large).toMatchObject({ ok: true, form: 'zip', launch: 's3' });
    expect(checkText(large)).toMatch(/16,384 bytes.*onager pack/);
  });

  it('warns of likely mistakes, with or without problems', async () => {
    const folder = await mkdtemp(join(dir, 'folder-'));
    const checked = (vars: Readonly<Record<string, string>>) =>
      check(folder, { vars, signal: AbortSignal.timeout(20_000) });
    await writeFile(join(folder, 'tsung.xml'), xml());
    const unused = { code: 'VAR_UNUSED', where: 'vars.HOTS' };
    const loopback = { code: 'TARGET_LOOPBACK', where: 'tsung.xml:5' };
    const right = await checked({ HOTS: 'a' });
    expect(right).toMatchObject({ ok: true, problems: [], warnings: [unused, loopback] });
    expect(checkText(right)).toMatch(/^ok, with 2 warnings: zip, /);
    expect(checkText({ ...right, warnings: [] })).toMatch(/^ok: zip, /);
    expect(right.changes.filter(({ what }) => /127|HOTS/.test(what))).toEqual([]);
    await writeFile(
      join(folder, 'tsung.xml'),
      xml((text) => text.replace('127.0.0.1', `$\{HOST}`)),
    );
    const wrong = await checked({ HOTS: 'a' });
    expect(wrong).toMatchObject({ problems: [{ code: 'VAR_UNSET' }], warnings: [unused] });
  });

  it('says what one of several instances fires, and what they cannot share', async () => {
    const waiting = (text: string): string =>
      text.replace('<request>', '<thinktime value="wait_global"/><request>');
    const source = join(dir, 'cluster.zip');
    await writeFile(source, await zip(waiting, { 'onager.yaml': 'cluster: { size: 4 }' }));
    const result = await check(source, { vars: {}, signal: AbortSignal.timeout(60_000) });
    expect(result.problems).toEqual([]);
    expect(result.changes.map(({ what }) => what)).toContain(
      'this member fires 1/4 of the load: 10 of 40 users, at most 0.5 of 2 new users a second',
    );
    expect(result.warnings.map(({ code }) => code)).toContain('SHARE_APART');
  });

  it('has a separate code for each of these mistakes', () => {
    expect(new Set(wrong.map(([code]) => code)).size).toBe(wrong.length);
  });
});
