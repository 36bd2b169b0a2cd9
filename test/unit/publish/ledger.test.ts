import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { countedIn, openLedger } from '../../../src/publish/ledger.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const to = 's3://bucket/run';
const object = { size: 3, sha256: 'ab', modifiedMs: 1.5 };

describe('ledger', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await temporaryFolder('ledger');
    path = join(dir, 'publish.json');
  });

  it('gives back after a restart what was saved', async () => {
    const before = await openLedger(path, to, silentLog());
    before.data.objects['run.json'] = { ...object, source: 'run.json' };
    before.data.chunked['raw/rows'] = {
      source: 'engine/rows',
      nextSeq: 2,
      chunks: [
        { seq: 1, from: 0, to: 9, object: { ...object, contentSha256: 'c', modifiedMs: 1.5 } },
      ],
    };
    before.data.sealed = { createdAt: '2026-01-01T00:00:00.000Z', outcome: 'complete' };
    before.data.manifest = { size: 3, sha256: 'ab', key: 'manifest.json' };
    await before.save();
    const after = await openLedger(path, to, silentLog());
    expect(after.data).toEqual(before.data);
    expect(countedIn(after.data)).toEqual({ objects: 3, bytes: 9 });
  });

  it('shares one write between many saves, and writes what the last of them saw', async () => {
    const ledger = await openLedger(path, to, silentLog());
    const saves = Array.from({ length: 50 }, (_, index) => {
      ledger.data.objects[`file-${index}`] = { ...object, source: 'x' };
      return ledger.save();
    });
    expect(new Set(saves).size).toBe(1);
    await Promise.all(saves);
    const { data } = await openLedger(path, to, silentLog());
    expect(Object.keys(data.objects)).toHaveLength(50);
  });

  it('saves a change that was made while a write was under way', async () => {
    const ledger = await openLedger(path, to, silentLog());
    const first = ledger.save();
    await Promise.resolve();
    ledger.data.objects['late'] = { ...object, source: 'x' };
    await Promise.all([first, ledger.save()]);
    const { data } = await openLedger(path, to, silentLog());
    expect(data.objects).toHaveProperty('late');
  });

  it.each([
    ['torn', '{"version":1,"to":"s3://bucket/run","objects":{"a'],
    ['empty', ''],
    ['no object', '[]'],
    ['of a later version', JSON.stringify({ version: 2, to, objects: {}, chunked: {} })],
    ['of wrong types', JSON.stringify({ version: 1, to, objects: { a: 1 }, chunked: {} })],
    [
      'of another bucket',
      JSON.stringify({
        version: 1,
        to: 's3://b/x',
        objects: { a: { ...object, source: '' } },
        chunked: {},
      }),
    ],
  ])('begins anew where the file is %s', async (_, content) => {
    await writeFile(path, content);
    const { data } = await openLedger(path, to, silentLog());
    expect(data).toEqual({ version: 1, to, objects: {}, chunked: {} });
  });

  it('goes on where it cannot be written', async () => {
    const ledger = await openLedger(join(dir, 'none', 'publish.json'), to, silentLog());
    await expect(ledger.save()).resolves.toBeUndefined();
    await expect(ledger.save()).resolves.toBeUndefined();
  });

  it('is one whole JSON text on disk', async () => {
    const ledger = await openLedger(path, to, silentLog());
    await ledger.save();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(ledger.data);
  });
});
