/** Zips become the folder that they describe, or get an error code and change nothing at all. */

import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OnagerError, problemsOf } from '../../../src/errors.ts';
import { placeXml, type Unpacked, unpackScenario } from '../../../src/scenario/unpack.ts';
import { extraField, type RawEntry, rawZip, u16, u32, u64 } from '../../support/raw-zip.ts';
import { attacks, unsafeNames } from './attacks.ts';
import { testFolder, tree } from './tree.ts';

const limits = { unpackedBytes: 256 * 1024 ** 2, files: 2_000 };

async function unpack(bytes: Buffer, into: string, more = {}): Promise<Unpacked> {
  const signal = AbortSignal.timeout(10_000);
  return await unpackScenario({ bytes, into, limits, durable: false, signal, ...more });
}

async function refusal(work: Promise<unknown>): Promise<OnagerError> {
  const error = await work.then(
    () => expect.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof OnagerError) return error;
  throw error;
}

async function unpacked(entries: readonly RawEntry[]): Promise<Record<string, string>> {
  const folder = await testFolder();
  await unpack(rawZip(entries), join(folder, 'scenario'));
  return await tree(join(folder, 'scenario'));
}

describe('a zip that would do harm', () => {
  it.for(attacks)('is refused with $code, and nothing changes: $title', async ({ zip, code }) => {
    const folder = await testFolder();
    const into = join(folder, 'scenario');
    await mkdir(into);
    await writeFile(join(into, 'old'), 'old');
    const bytes = zip();

    const error = await refusal(unpack(bytes, into));

    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
    expect(await tree(folder)).toEqual({ 'scenario/': '', 'scenario/old': 'old' });
  });

  it.for(attacks)('is refused with $code from a file too: $title', async ({ zip, code }) => {
    const folder = await testFolder();
    const zipPath = join(folder, 'scenario.zip');
    await writeFile(zipPath, zip());
    const into = join(folder, 'scenario');
    const signal = AbortSignal.timeout(10_000);

    const error = await refusal(unpackScenario({ zipPath, into, limits, durable: false, signal }));

    expect(error.code).toBe(code);
    expect(await readdir(folder)).toEqual(['scenario.zip']);
  });

  it.for(unsafeNames)('is refused for an unsafe name: $fault', async ({ name, fault }) => {
    const error = await refusal(unpack(rawZip([{ name }]), join(await testFolder(), 'x')));

    expect(error.message).toContain(fault);
    // Nothing that controls a terminal, reverses text, or fills the screen.
    expect(error.message).toMatch(/^[\x20-\x7e\u00a0-\u1fff…]{1,400}$/u);
  });

  it('is refused with all its faults at once', async () => {
    const zip = rawZip([
      { name: '../a' },
      { name: 'link', both: { mode: 0o120777 } },
      { name: 'x', both: { flags: 0x801 } },
      { name: 'X' },
    ]);

    const error = await refusal(unpack(zip, join(await testFolder(), 'x')));

    expect(problemsOf(error).map(({ code }) => code)).toEqual([
      'ZIP_NAME',
      'ZIP_LINK',
      'ZIP_ENCRYPTED',
      'ZIP_DUPLICATE',
    ]);
  });

  it('is refused where the disk has less than twice its size', async () => {
    const zip = rawZip([{ name: 'x', data: 'x'.repeat(100) }]);
    const into = join(await testFolder(), 'x');

    expect(await refusal(unpack(zip, into, { freeBytes: 199 }))).toMatchObject({
      code: 'SCENARIO_DISK_SPACE',
    });
    await unpack(zip, into, { freeBytes: 200 });
  });
});

const whole = rawZip([
  { name: 'tsung.xml', data: '<tsung/>'.repeat(20) },
  { name: 'data/users.csv', data: 'a;b', both: { method: 0 } },
]);
const wholeTree = {
  'tsung.xml': '<tsung/>'.repeat(20),
  'data/': '',
  'data/users.csv': 'a;b',
};

describe('a damaged zip', () => {
  it('is refused at every length', async () => {
    const folder = await testFolder();
    const codes = new Set<string>();
    for (let length = 0; length < whole.length; length += 1) {
      codes.add((await refusal(unpack(whole.subarray(0, length), join(folder, 'x')))).code);
    }
    expect([...codes].toSorted()).toEqual(['ZIP_NOT_A_ZIP', 'ZIP_TRUNCATED']);
    expect(await tree(folder)).toEqual({});
  });

  it.for([0x01, 0x08, 0x80, 0xff])(
    'is refused or comes out right with any byte flipped by %i',
    async (mask) => {
      const folder = await testFolder();
      let refused = 0;
      for (let at = 0; at < whole.length; at += 1) {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
        const into = join(folder, `${at}`);
        const outcome = await unpack(bytes, into).catch((error: unknown) => error);
        if (outcome instanceof OnagerError) refused += 1;
        else if (outcome instanceof Error) throw outcome;
        else expect(await tree(into)).toEqual(wholeTree);
      }
      expect(refused).toBeGreaterThan(whole.length / 2);
      expect((await readdir(folder)).length).toBe(whole.length - refused);
    },
  );
});

describe('a sound zip', () => {
  it('becomes a folder that anybody may read, whatever the umask', async () => {
    const folder = await testFolder();
    const into = join(folder, 'scenario');
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));

    const { files, wrapper } = await unpack(whole, into);

    expect(files).toEqual(['data/users.csv', 'tsung.xml']);
    expect(wrapper).toBeUndefined();
    expect(await tree(folder)).toEqual({
      'scenario/': '',
      ...Object.fromEntries(Object.entries(wholeTree).map(([k, v]) => [`scenario/${k}`, v])),
    });
    const modes = ['', 'data', 'tsung.xml'].map(
      async (path) => (await stat(join(into, path))).mode,
    );
    expect(await Promise.all(modes)).toEqual([0o40755, 0o40755, 0o100644]);
  });

  it('replaces what was there, and sweeps up after a run that was killed', async () => {
    const folder = await testFolder();
    await mkdir(join(folder, 'scenario/old'), { recursive: true });
    await mkdir(join(folder, 'scenario.draft-killed/half'), { recursive: true });
    await mkdir(join(folder, 'scenario.other'));

    await unpack(whole, join(folder, 'scenario'));

    expect(await readdir(folder)).toEqual(['scenario', 'scenario.other']);
    expect(await tree(join(folder, 'scenario'))).toEqual(wholeTree);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const folder = await testFolder();
    const signal = AbortSignal.abort(new Error('stop'));

    await expect(unpack(whole, join(folder, 'x'), { signal })).rejects.toThrow('stop');

    expect(await tree(folder)).toEqual({});
  });

  it.for<Readonly<{ title: string; entries: readonly RawEntry[]; files: readonly string[] }>>([
    {
      title: 'a folder around everything is unwrapped',
      entries: [
        { name: 'shop/', both: { mode: 0o40755 } },
        { name: 'shop/a' },
        { name: 'shop/b/c' },
      ],
      files: ['a', 'b/', 'b/c'],
    },
    {
      title: 'several folders around everything are unwrapped',
      entries: [{ name: 'home/me/shop/a' }, { name: 'home/me/shop/b' }],
      files: ['a', 'b'],
    },
    {
      title: 'a folder around all but one is not',
      entries: [{ name: 'shop/a' }, { name: 'b' }],
      files: ['b', 'shop/', 'shop/a'],
    },
    {
      title: 'folders whose names begin alike are two',
      entries: [{ name: 'shop/a' }, { name: 'shopping/b' }],
      files: ['shop/', 'shop/a', 'shopping/', 'shopping/b'],
    },
    {
      title: 'what macOS adds is left out',
      entries: [
        { name: 'shop/a' },
        { name: 'shop/.DS_Store' },
        { name: 'shop/._a' },
        { name: '__MACOSX/shop/._a' },
      ],
      files: ['a'],
    },
    {
      title: 'hidden files of ours stay',
      entries: [{ name: '.hidden' }, { name: 'a' }],
      files: ['.hidden', 'a'],
    },
    {
      title: 'empty folders stay',
      entries: [{ name: 'a' }, { name: 'log/', both: { mode: 0o40755 } }],
      files: ['a', 'log/'],
    },
    {
      title: 'names that only Windows forbids',
      entries: [
        { name: 'CON' },
        { name: 'aux.txt' },
        { name: 'dot.' },
        { name: '<img onerror=x>' },
      ],
      files: ['<img onerror=x>', 'CON', 'aux.txt', 'dot.'],
    },
    {
      title: 'UTF-8 that a Unix tool does not mark',
      entries: [{ name: 'données.csv', both: { flags: 0, madeBy: 0x0315 } }],
      files: ['données.csv'],
    },
    {
      title: 'a file nobody may read, and one of no declared type',
      entries: [
        { name: 'a', both: { mode: 0o100000 } },
        { name: 'b', both: { mode: 0 } },
      ],
      files: ['a', 'b'],
    },
    {
      title: 'a zip in a zip stays a file',
      entries: [{ name: 'inner.zip', data: rawZip([{ name: '../x' }]) }],
      files: ['inner.zip'],
    },
    {
      title: 'sizes that follow the data',
      entries: [12, 16, 20, 24].map((bytes) => ({
        name: `${bytes}`,
        data: 'data',
        both: { flags: 0x808 },
        local: { crc: 0, size: 0, compressedSize: 0 },
        after: Buffer.alloc(bytes),
      })),
      files: ['12', '16', '20', '24'],
    },
    {
      title: 'sizes in zip64 fields',
      entries: [
        {
          name: 'a',
          data: 'data',
          both: {
            size: 0xffffffff,
            compressedSize: 0xffffffff,
            extra: extraField(1, u64(4, 6)),
          },
        },
      ],
      files: ['a'],
    },
    {
      title: 'a time field that is too short, and a date of zero',
      entries: [
        { name: 'a', both: { extra: extraField(0x000a, Buffer.concat([u32(0), u16(1)])) } },
      ],
      files: ['a'],
    },
    {
      title: 'a folder that was "compressed"',
      entries: [
        { name: 'a' },
        { name: 'b/', both: { mode: 0o40755 }, packed: Buffer.from([3, 0]) },
      ],
      files: ['a', 'b/'],
    },
  ])('$title', async ({ entries, files }) => {
    expect(Object.keys(await unpacked(entries)).toSorted()).toEqual(files);
  });

  it('may have a zip64 end record and a comment', async () => {
    const folder = await testFolder();
    const zip = rawZip([{ name: 'a' }], { zip64: {}, entries: 0xffff, comment: Buffer.from('hi') });

    expect((await unpack(zip, join(folder, 'x'))).files).toEqual(['a']);
  });
});

it('places bare XML as tsung.xml', async () => {
  const folder = await testFolder();

  const { files } = await placeXml(Buffer.from('<tsung/>'), join(folder, 'scenario'));

  expect(files).toEqual(['tsung.xml']);
  expect(await tree(folder)).toEqual({ 'scenario/': '', 'scenario/tsung.xml': '<tsung/>' });
});
