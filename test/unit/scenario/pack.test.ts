/** A folder becomes a zip, and the zip the folder again. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { listFiles } from '../../../src/scenario/folder.ts';
import { packScenario, settingsForm } from '../../../src/scenario/pack.ts';
import { readScenarioSettings } from '../../../src/scenario/settings-file.ts';
import { unpackScenario } from '../../../src/scenario/unpack.ts';
import { testFolder, tree } from './tree.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = join(await testFolder(), 'shop');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

it('is the same after zipping and unzipping', async () => {
  const files = {
    'tsung.xml': '<tsung/>',
    'data/users.csv': 'a;b\n'.repeat(999),
    'data/é.csv': '',
  };
  const folder = await folderWith(files);
  const packed = await packScenario(folder);
  const into = join(folder, '..', 'back');

  await unpackScenario({
    bytes: packed.zip,
    into,
    limits: { unpackedBytes: 1e6, files: 9 },
    durable: false,
    signal: AbortSignal.timeout(5_000),
  });

  expect(await tree(into)).toEqual({ ...files, 'data/': '' });
  expect(packed.files).toEqual(['data/users.csv', 'data/é.csv', 'tsung.xml']);
  expect(await listFiles(into)).toEqual(packed.files);
});

it('gives the same bytes whenever and in whatever order the files were written', async () => {
  const one = await folderWith({ a: '1', b: '2', 'c/d': '3' });
  const other = await folderWith({ 'c/d': '3', b: '2', a: '1' });
  await utimes(join(other, 'a'), 1, 1);

  const { zip } = await packScenario(one);

  expect((await packScenario(other)).zip.equals(zip)).toBe(true);
  const [time, date] = [zip.readUInt16LE(10), zip.readUInt16LE(12)];
  expect({ time, date }).toEqual({ time: 0, date: 0x21 });
});

it('leaves out files that are not part of a scenario, and says so', async () => {
  const folder = await folderWith({
    'tsung.xml': '',
    'onager.yaml': '',
    'tsung.xml~': '',
    '#tsung.xml#': '',
    'tsung.xml.bak': '',
    '.tsung.xml.swp': '',
    '.git/config': '',
    '.DS_Store': '',
    'node_modules/x/index.js': '',
    '__MACOSX/x': '',
    'data/.hidden': '',
    'data/users.csv': '',
  });
  await symlink('/etc/passwd', join(folder, 'link'));

  const { files, skipped } = await packScenario(folder);

  expect(files).toEqual(['data/users.csv', 'onager.yaml', 'tsung.xml']);
  expect(Object.fromEntries(skipped.map(({ path, why }) => [path, why]))).toEqual({
    '.git': 'hidden',
    '.DS_Store': 'hidden',
    '.tsung.xml.swp': 'hidden',
    'data/.hidden': 'hidden',
    'tsung.xml~': 'an editor backup',
    '#tsung.xml#': 'an editor backup',
    'tsung.xml.bak': 'an editor backup',
    node_modules: 'installed packages',
    __MACOSX: 'written by macOS',
    link: 'a symbolic link',
  });
});

it('refuses a folder with nothing to pack', async () => {
  await expect(packScenario(await folderWith({ '.hidden': '' }))).rejects.toMatchObject({
    code: 'PACK_EMPTY',
  });
});

it('refuses more files than an instance would unpack', async () => {
  const names = Array.from({ length: 2_001 }, (_, at) => [`f${at}`, '']);
  await expect(packScenario(await folderWith(Object.fromEntries(names)))).rejects.toMatchObject({
    code: 'ZIP_TOO_MANY_FILES',
    message: expect.stringContaining('more than the 2,000 files'),
  });
});

it('writes settings that name where the zip is to be put', () => {
  const text = settingsForm({ sha256: 'ab', bucket: 'my-bucket' });
  expect(text.split('\n')[0]).toBe('#onager');
  expect(parse(text)).toEqual({ scenario: { from: 's3://my-bucket/scenario.zip', sha256: 'ab' } });
});

it("reads the scenario's settings under either name, not under both", async () => {
  expect(await readScenarioSettings(await folderWith({ a: '' }))).toBeUndefined();
  expect(await readScenarioSettings(await folderWith({ 'onager.yml': 'yml' }))).toBe('yml');
  const both = await folderWith({ 'onager.yaml': 'yaml', 'onager.yml': 'yml' });
  await expect(readScenarioSettings(both)).rejects.toMatchObject({
    code: 'SCENARIO_SETTINGS_TWICE',
  });
});
