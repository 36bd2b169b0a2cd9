/**
 * Whatever a zip contains, it becomes exactly the tree that it describes, or is refused and changes
 * nothing.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  nat,
  oneof,
  option,
  record,
  string,
  uint8Array,
} from 'fast-check';
import { expect, it } from 'vitest';
import { OnagerError } from '../../../src/errors.ts';
import { unpackScenario } from '../../../src/scenario/unpack.ts';
import { type RawEntry, rawZip } from '../../support/raw-zip.ts';
import { testFolder, tree } from './tree.ts';

const limits = { unpackedBytes: 20_000, files: 12 };
const options = { limits, durable: false, signal: new AbortController().signal };

const plainName = constantFrom('a', 'b', 'c.csv', 'é', '.x', 'A', '__MACOSX', '._a', 'CON', 'x y');
const plainPath = array(plainName, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const anyPath = oneof(
  { weight: 6, arbitrary: plainPath },
  array(oneof(plainName, constantFrom('..', '.', '', '\\', ':', '\0', 'é'.normalize('NFD'))), {
    maxLength: 5,
  }).map((parts) => parts.join('/')),
  string({ unit: 'binary', maxLength: 12 }),
);
const data = uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const honest = record({ name: plainPath, data, both: record({ method: constantFrom(0, 8) }) });
const anyFields = record(
  {
    flags: constantFrom(0, 0x800, 0x808, 0x801, 0x840, 0x2000),
    method: constantFrom(0, 8, 9, 12),
    crc: nat(),
    size: oneof(nat(400), nat(30_000), constant(0xffffffff)),
    compressedSize: oneof(nat(400), constant(0xffffffff)),
    mode: constantFrom(0, 0o100644, 0o40755, 0o120777, 0o104755, 0o20644),
    madeBy: constantFrom(0x14, 0x314, 0x1315),
    offset: nat(600),
    extra: oneof(constant(Buffer.alloc(0)), data),
  },
  { requiredKeys: [] },
);
const rarely = option(anyFields, { freq: 4, nil: {} }).map((fields) => ({ ...fields }));
const anyEntry = oneof(
  { weight: 3, arbitrary: honest },
  record({ name: anyPath, data, both: rarely, local: rarely, central: rarely, after: data }),
);

/** What the honest entries among these describe, without the folder that all of them share. */
function described(entries: readonly RawEntry[]): Record<string, string> {
  const files = entries
    .map(({ name, data: bytes = '' }) => ({ path: name.toString().split('/'), bytes }))
    .filter(({ path }) => path.at(-1) !== '')
    .filter(({ path }) => !path.some((part) => /^(__MACOSX|\.DS_Store|\._.*)$/.test(part)));
  while (
    files.length > 0 &&
    files.every(({ path }) => path.length > 1 && path[0] === files[0]?.path[0])
  ) {
    for (const { path } of files) path.shift();
  }
  return Object.fromEntries(
    files.map(({ path, bytes }) => [path.join('/'), Buffer.from(bytes).toString('latin1')]),
  );
}

function filesOnly(found: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).filter(([path]) => !path.endsWith('/')));
}

it('refuses and changes nothing, or gives exactly what is described', async () => {
  const folder = await testFolder();
  const into = join(folder, 'scenario');
  const outcomes = { accepted: 0, refused: 0 };
  await assert(
    asyncProperty(array(anyEntry, { maxLength: 6 }), async (entries) => {
      await rm(into, { recursive: true, force: true });
      await mkdir(into);
      await writeFile(join(into, 'old'), 'old');
      try {
        await unpackScenario({ bytes: rawZip(entries), into, ...options });
        outcomes.accepted += 1;
      } catch (error) {
        if (!(error instanceof OnagerError)) throw error;
        outcomes.refused += 1;
        expect(await tree(folder)).toEqual({ 'scenario/': '', 'scenario/old': 'old' });
        return;
      }
      expect(filesOnly(await tree(into))).toEqual(described(entries));
    }),
    { numRuns: 400 },
  );
  expect(outcomes.accepted).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(20);
}, 60_000);

it('never fails but with a code, whatever the bytes', async () => {
  const into = join(await testFolder(), 'scenario');
  const start = rawZip([{ name: 'a', data: 'a' }]);
  const spliced = array(
    oneof(
      data,
      constant(start),
      nat(start.length).map((at) => start.subarray(at)),
    ),
    {
      maxLength: 4,
    },
  ).map((parts) => Buffer.concat([Buffer.from('PK\x03\x04'), ...parts, start.subarray(-22)]));
  await assert(
    asyncProperty(oneof(data, spliced), async (bytes) => {
      const outcome = await unpackScenario({ bytes, into, ...options }).catch(
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(OnagerError);
    }),
    { numRuns: 400 },
  );
}, 60_000);
