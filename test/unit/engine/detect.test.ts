/** Which engine, which entry: chosen where it is clear, asked for where it is not. */

import { describe, expect, it } from 'vitest';
import { detectAmong } from '../../../src/engine/detect.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

/** Takes its usual file, else the only one that ends like it. */
const engine = (name: string, usual: string, ending: string): Engine => ({
  ...fakeEngine,
  name,
  detect(files) {
    const [only, ...others] = files.filter((file) => file.endsWith(ending));
    if (files.includes(usual)) return usual;
    return others.length === 0 ? only : undefined;
  },
});
const tsung = engine('tsung', 'tsung.xml', '.xml');
const other = engine('other', 'other.js', '.js');
const both = [tsung, other];
const readStart = async (file: string) => Buffer.from(file);

describe('what is fired', () => {
  it.each([
    ['the usual file', ['a.xml', 'tsung.xml', 'users.csv'], {}, 'tsung', 'tsung.xml'],
    ['the only candidate', ['load/peak.xml', 'users.csv'], {}, 'tsung', 'load/peak.xml'],
    ['another engine’s file', ['other.js'], {}, 'other', 'other.js'],
    ['the entry asked for', ['a.xml', 'tsung.xml'], { entry: 'a.xml' }, 'tsung', 'a.xml'],
    ['the engine asked for', ['a.xml', 'b.js'], { engine: 'other' }, 'other', 'b.js'],
    ['an odd name, if both are asked for', ['x'], { engine: 'tsung', entry: 'x' }, 'tsung', 'x'],
  ])('is %s', async (_, files, wanted, name, entry) => {
    const found = await detectAmong(both, files, { wanted, readStart });
    expect([found.engine.name, found.entry]).toEqual([name, entry]);
  });

  it('is an entry with an odd name where there is one engine only', async () => {
    const wanted = { entry: 'x' };
    expect((await detectAmong([tsung], ['x'], { wanted, readStart })).engine).toBe(tsung);
  });

  it.each([
    ['the one that begins like an entry', ['a.xml', 'part.xml', 'part2.xml'], 'a.xml'],
    ['it, wherever it lies', ['part.xml', 'load/a.xml'], 'load/a.xml'],
    ['a lone file, whatever it is', ['part.xml'], 'part.xml'],
  ])('is %s', async (_, files, entry) => {
    const reader = { ...tsung, mayBeEntry: (start: Uint8Array) => !/part/.test(String(start)) };
    expect((await detectAmong([reader], files, { readStart })).entry).toBe(entry);
  });
});

describe('what is not clear is refused', () => {
  it.each([
    ['an unknown engine', ['tsung.xml'], { engine: 'k7' }, 'ENGINE_UNKNOWN', 'tsung, other'],
    ['a missing entry', ['a.xml'], { entry: 'b.xml' }, 'ENTRY_MISSING', 'a.xml'],
    ['an entry of no engine', ['x'], { entry: 'x' }, 'ENGINE_UNKNOWN', 'tsung, other'],
    ['no candidate', ['users.csv'], {}, 'ENTRY_MISSING', 'users.csv'],
    ['no file at all', [], {}, 'ENTRY_MISSING', 'entry'],
    ['two candidates', ['a.xml', 'b.xml'], {}, 'ENTRY_AMBIGUOUS', 'entry'],
    ['two engines', ['a.xml', 'b.js'], {}, 'ENTRY_AMBIGUOUS', 'engine'],
  ])('%s', async (_, files, wanted, code, hint) => {
    await expect(detectAmong(both, files, { wanted, readStart })).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it('names the candidates, and not a thousand files', async () => {
    const names = ['a.xml', 'b.xml'];
    await expect(detectAmong(both, names, { readStart })).rejects.toThrow(/a\.xml, b\.xml/);
    const many = Array.from({ length: 1_000 }, (_, i) => `${i}.csv`);
    await expect(detectAmong(both, many, { readStart })).rejects.toMatchObject({
      hint: expect.stringContaining('and 990 more'),
    });
  });
});
