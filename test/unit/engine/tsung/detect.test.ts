/** Which files Tsung claims: by what they say they are, and broken ones by their usual name. */

import { describe, expect, it } from 'vitest';
import { detectTsung } from '../../../../src/engine/tsung/detect.ts';

const scenario = '<?xml version="1.0"?>\n<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">\n<tsung></tsung>';
const utf16 = (text: string, mark = '') => Buffer.from(`${mark}${text}`, 'utf16le');

async function claims(contents: Readonly<Record<string, string | Uint8Array>>) {
  const opened: string[] = [];
  const read = async (file: string) => {
    opened.push(file);
    return Buffer.from(contents[file] ?? '');
  };
  const found = await detectTsung(Object.keys(contents), read);
  return { found: found.map(({ entry, certainty }) => `${entry} ${certainty}`), opened };
}

describe('a file is claimed', () => {
  it.each([
    ['by its DOCTYPE and its root', scenario],
    ['by its root alone', '<tsung loglevel="notice">'],
    ['by its DOCTYPE, before entities that go on beyond what is read', '<!DOCTYPE tsung [<!ENT'],
    ['behind comments that name other things', `<!-- <project> --> <?php ?> ${scenario}`],
    ['behind a byte order mark', `\uFEFF${scenario}`],
    ['in UTF-16', utf16(scenario, '\uFEFF')],
    ['in UTF-16 big-endian', utf16(scenario, '\uFEFF').swap16()],
    ['in UTF-16 without a mark', utf16(scenario)],
    ['in UTF-16 big-endian without a mark', utf16(scenario).swap16()],
    ['where the beginning ends within a character', Buffer.from(`${scenario}ü`).subarray(0, -1)],
    ['behind a DOCTYPE in small letters', '<!doctype tsung><tsung>'],
  ])('%s', async (_, content) => {
    expect((await claims({ 'Peak.XML': content })).found).toEqual(['Peak.XML sure']);
  });

  it.each([
    ['that is empty', ''],
    ['that is no XML', 'tsung version 1'],
    ['whose comment never ends', `<!-- ${scenario}`],
    ['that is nothing but a bracket', '<'],
  ])('by its usual name for certain, by another perhaps: one %s', async (_, content) => {
    expect((await claims({ 'tsung.xml': content })).found).toEqual(['tsung.xml sure']);
    expect((await claims({ 'peak.xml': content })).found).toEqual(['peak.xml likely']);
  });

  it('perhaps, where its root is spelt wrongly, or its name is the usual one', async () => {
    expect((await claims({ 'peak.xml': '<Tsung>' })).found).toEqual(['peak.xml likely']);
    expect((await claims({ 'tsung.xml': '<config/>' })).found).toEqual(['tsung.xml likely']);
  });
});

describe('a file is not claimed', () => {
  it.each([
    ['of another program', { 'pom.xml': '<project/>', 'a.jmx': '<jmeterTestPlan/>' }],
    ['that is part of an entry', { 'steps.xml': '<request><http url="/"/></request>' }],
    ['with another ending', { 'load.txt': scenario }],
  ])('%s', async (_, contents) => {
    expect((await claims(contents)).found).toEqual([]);
  });
});

describe('of several', () => {
  it('the usual one is taken, and no other is opened', async () => {
    const { found, opened } = await claims({ 'a.xml': scenario, 'tsung.xml': scenario });
    expect(found).toEqual(['tsung.xml sure']);
    expect(opened).toEqual(['tsung.xml']);
  });

  it('those at the top come before those in folders', async () => {
    const contents = { 'old/a.xml': scenario, 'b.xml': scenario, 'c.xml': scenario };
    expect((await claims(contents)).found).toEqual(['b.xml sure', 'c.xml sure']);
    expect((await claims({ 'pom.xml': '<project/>', 'load/a.xml': scenario })).found).toEqual([
      'load/a.xml sure',
    ]);
  });
});
