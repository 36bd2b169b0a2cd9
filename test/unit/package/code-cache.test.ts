/** The code cache of the package, and the loader that uses it: no fault in it breaks a start. */

import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  codeCacheFile,
  noCodeCache,
  openCodeCache,
} from '../../../scripts/package/program/code-cache.ts';
import { createLoader } from '../../../scripts/package/program/loader.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let whole: Buffer;

const sources = {
  'main.js': `const { sep } = require('node:path');
const { twice } = require('./twice.js');
exports.answer = twice(sep.length);
exports.late = async () => (await Promise.resolve().then(() => require('./twice.js'))).twice;
exports.where = () => new Error('here').stack;
`,
  'twice.js': 'exports.twice = (n) => 2 * n;\n',
};

beforeAll(async () => {
  dir = await temporaryFolder('code-cache');
  const { load, scripts } = createLoader(await bundle(), noCodeCache);
  load('main.js');
  const codes = [...scripts].map(([name, script]) => [name, script.createCachedData()] as const);
  whole = codeCacheFile('one', new Map(codes));
});

describe('the loader', () => {
  it('loads files that need each other and Node.js, each once', async () => {
    const { load } = createLoader(await bundle(), noCodeCache);
    const { answer, late } = main(load('main.js'));
    expect(answer).toBe(2);
    expect(await late()).toBe(Reflect.get(Object(load('twice.js')), 'twice'));
  });

  it('keeps the places in stack traces', async () => {
    const home = await bundle();
    const { where } = main(createLoader(home, noCodeCache).load('main.js'));
    expect(where()).toContain(`${join(home, 'main.js')}:5:`);
  });

  it('has V8 take the code that is in the cache', async () => {
    expect(await takenFrom('good', whole)).toEqual({ 'main.js': true, 'twice.js': true });
  });
});

describe('a start is not broken by a code cache', () => {
  it('that is missing', async () => {
    expect(await taken(openCodeCache(join(dir, 'missing'), 'one'))).toEqual({});
  });

  it('that is a folder', async () => {
    await mkdir(join(dir, 'folder'));
    expect(await taken(openCodeCache(join(dir, 'folder'), 'one'))).toEqual({});
  });

  it('of another bundle', async () => {
    expect(await takenFrom('other', whole, 'two')).toEqual({});
  });

  it('that is cut off anywhere', async () => {
    for (let length = 0; length < whole.length; length += 97)
      expect(Object.keys(await takenFrom('cut', whole.subarray(0, length))).length).toBeLessThan(2);
  });

  it('with a byte that is wrong anywhere', async () => {
    for (let at = 0; at < whole.length; at += 61) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const found = await takenFrom('damaged', damaged);
      expect(Object.keys(found).length, `byte ${at}`).toBeLessThan(2);
    }
  });

  it('that another version of V8 has made', async () => {
    const codes = new Map(['main.js', 'twice.js'].map((name) => [name, Buffer.alloc(4_096, 1)]));
    expect(await takenFrom('version', codeCacheFile('one', codes))).toEqual({
      'main.js': false,
      'twice.js': false,
    });
  });
});

async function takenFrom(name: string, cache: Buffer, build = 'one') {
  const path = join(dir, `cache-${name}`);
  await writeFile(path, cache);
  expect(await readFile(path)).toEqual(cache);
  return await taken(openCodeCache(path, build));
}

/** Of which files the cache had code, and whether V8 took it. The start works in any case. */
async function taken(
  cache: ReturnType<typeof openCodeCache>,
): Promise<Readonly<Record<string, boolean>>> {
  const { load, scripts } = createLoader(await bundle(), cache);
  expect(main(load('main.js')).answer).toBe(2);
  return Object.fromEntries(
    [...scripts].flatMap(([name, { cachedDataRejected }]) =>
      cachedDataRejected === undefined ? [] : [[name, !cachedDataRejected]],
    ),
  );
}

/** In a folder of its own: V8 does not look at code for a file that it has compiled already. */
async function bundle(): Promise<string> {
  const home = await mkdtemp(join(dir, 'bundle-'));
  for (const [name, text] of Object.entries(sources)) await writeFile(join(home, name), text);
  return home;
}

type Main = Readonly<{
  answer: number;
  late(): Promise<unknown>;
  where(): string;
}>;

function main(value: unknown): Main {
  if (isMain(value)) return value;
  throw new Error('main.js exports something else');
}

function isMain(value: unknown): value is Main {
  return typeof value === 'object' && value !== null && 'answer' in value && 'where' in value;
}
