/** Which engine and which entry: chosen if it is clear, and asked for if it is not. */

import { describe, expect, it } from 'vitest';
import { detectAmong } from '../../../src/engine/detect.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

/** Claims the files with its extension, and is certain about those whose content is its name. */
const engine = (name: string, ending: string): Engine => ({
  ...fakeEngine,
  name,
  async detect(files, read) {
    const own = files.filter((file) => file.endsWith(ending));
    const contents = await Promise.all(own.map(async (file) => String(await read(file))));
    return own.map((entry, at) => ({
      entry,
      certainty: contents[at] === name ? 'sure' : 'likely',
    }));
  },
});
const tsung = engine('tsung', '.xml');
const other = engine('other', '.js');
const both = [tsung, other];
const contents: Readonly<Record<string, string>> = {
  'tsung.xml': 'tsung',
  'peak.xml': 'tsung',
  'other.js': 'other',
};
const read = async (file: string) => Buffer.from(contents[file] ?? '');

describe('what is fired', () => {
  it.each([
    ['the sure candidate', ['a.xml', 'tsung.xml', 'b.js'], {}, 'tsung', 'tsung.xml'],
    ['the only candidate', ['load/peak.xml', 'users.csv'], {}, 'tsung', 'load/peak.xml'],
    ['another engine’s file', ['other.js'], {}, 'other', 'other.js'],
    ['the entry asked for', ['a.xml', 'tsung.xml'], { entry: 'a.xml' }, 'tsung', 'a.xml'],
    ['the engine asked for', ['tsung.xml', 'b.js'], { engine: 'other' }, 'other', 'b.js'],
    ['an odd name, if both are asked for', ['x'], { engine: 'tsung', entry: 'x' }, 'tsung', 'x'],
  ])('is %s', async (_, files, wanted, name, entry) => {
    const found = await detectAmong(both, files, read, wanted);
    expect([found.engine.name, found.entry]).toEqual([name, entry]);
  });

  it('is an entry with an odd name where there is one engine only', async () => {
    expect((await detectAmong([tsung], ['x'], read, { entry: 'x' })).engine).toBe(tsung);
  });

  it('is, of two engines that claim the entry asked for, the one that is sure', async () => {
    const scripts = engine('script', '.xml');
    const found = await detectAmong([scripts, tsung], ['peak.xml'], read, { entry: 'peak.xml' });
    expect(found.engine).toBe(tsung);
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
    ['two engines', ['tsung.xml', 'other.js'], {}, 'ENTRY_AMBIGUOUS', 'engine'],
  ])('%s', async (_, files, wanted, code, hint) => {
    await expect(detectAmong(both, files, read, wanted)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it('names the candidates with their engines, and not a thousand files', async () => {
    await expect(detectAmong(both, ['tsung.xml', 'other.js'], read)).rejects.toThrow(
      'the load could start from both tsung.xml (tsung) and other.js (other)',
    );
    await expect(detectAmong(both, ['a.xml', 'b.xml', 'c.xml'], read)).rejects.toThrow(
      'the load could start from any of a.xml (tsung), b.xml (tsung), c.xml (tsung)',
    );
    const many = Array.from({ length: 1_000 }, (_, i) => `${i}.csv`);
    await expect(detectAmong(both, many, read)).rejects.toMatchObject({
      hint: expect.stringContaining('and 990 more'),
    });
  });

  it('names both engines where they read the same file', async () => {
    await expect(
      detectAmong([tsung, engine('script', '.xml')], ['a.xml'], read),
    ).rejects.toMatchObject({
      message: 'the load could start from both a.xml (tsung) and a.xml (script)',
      hint: expect.stringContaining('"engine"'),
    });
  });
});
