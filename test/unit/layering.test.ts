/**
 * The shape of the code, read from its source: who may import whom, where things lie, and that
 * every file says what it is for.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  circular,
  declaredTypesOf,
  exportsOf,
  filesBelow,
  type Import,
  importsOf,
  isThere,
  longComments,
  read,
} from '../support/source-tree.ts';

/**
 * In the order of imports: a folder may import from itself and from those before it. Files directly
 * in src/ are leaves, except cli.ts.
 */
const order = [
  'files',
  'aws',
  'slo',
  'settings',
  'user-data',
  'scenario',
  'engine',
  'run',
  'results',
  'report',
  'publish',
  'cluster',
  'lifetime',
  'web',
  'console',
  'agent',
  'rehearsal',
  'commands',
];

/** The browser's side shares types and pure functions with these, and nothing else. */
const sharedWithPage = [
  'run/cluster-part.ts',
  'run/state.ts',
  'report/early-end.ts',
  'results/failed-share.ts',
  'results/tick.ts',
  'slo/format.ts',
  'slo/result.ts',
  'slo/rule.ts',
  'errors.ts',
  'text.ts',
];

/** The phases in which a run works: each has a file of its name. */
const workingPhases = [
  'fetching',
  'unpacking',
  'preparing',
  'gathering',
  'running',
  'reporting',
  'publishing',
];

/** Tests of things outside src: folders of tests with what they test, and single tests. */
const outside: Readonly<Record<string, string>> = { infra: 'infra', package: 'scripts/package' };
const alone = ['docs', 'expressions', 'growth', 'layering'];

const isCode = (file: string): boolean => /\.[cm]?tsx?$/.test(file);
const fromSrc = (path: string): string => path.slice('src/'.length);
const all = ['src', 'test', 'scripts'].flatMap(filesBelow);
const everyImport = all.filter(isCode).flatMap(importsOf);

const files = filesBelow('src').filter(isCode).map(fromSrc);
const imports = everyImport
  .filter(({ from, to }) => from.startsWith('src/') && to.startsWith('src/'))
  .map((found) => ({ ...found, from: fromSrc(found.from), to: fromSrc(found.to) }));

describe('the source tree', () => {
  it.each(files)('%s opens with its reason to exist', (file) => {
    const text = source(file).replace(/^#!.*\n/, '');
    expect(text).toMatch(/^\/\*\*(\n \*)? \S/);
  });

  it('has only the folders that the order names', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map(folderOf));
    expect([...folders].sort()).toEqual([...order, 'page'].sort());
  });

  it('imports point one way', () => {
    const wrong = imports.filter(
      ({ from, to }) => folderOf(from) !== 'page' && from !== 'cli.ts' && rank(to) > rank(from),
    );
    expect(wrong.map(inWords)).toEqual([]);
  });

  it('nothing but its own folder and the lists of engines know Tsung', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        to.startsWith('engine/tsung/') &&
        !from.startsWith('engine/tsung/') &&
        !['engine/registry.ts', 'engine/supervised.ts'].includes(from),
    );
    expect(wrong.map(inWords)).toEqual([]);
  });

  it('the page takes only shapes and pure functions from the agent', () => {
    const wrong = imports.filter(
      ({ from, to, typeOnly }) =>
        folderOf(from) === 'page' &&
        folderOf(to) !== 'page' &&
        !(typeOnly || sharedWithPage.includes(to)),
    );
    expect(wrong.map(inWords)).toEqual([]);
  });

  it('no imports go round in a circle, those of types included', () => {
    expect(circular(imports).map(inWords)).toEqual([]);
  });

  it('no folder has more than fifteen files directly in it', () => {
    const folders = Map.groupBy(files, (file) => join(file, '..'));
    const full = [...folders].filter(([, { length }]) => length > 15).map(([folder]) => folder);
    expect(full).toEqual([]);
  });

  it('the name of an exported type is there once', () => {
    const types = files.flatMap((file) =>
      declaredTypesOf(`src/${file}`).map((type) => ({ ...type, file })),
    );
    const twice = [...Map.groupBy(types, ({ name }) => name)].filter(
      ([, owners]) => owners.length > 1 && owners.some(({ isExported }) => isExported),
    );
    const found = twice.flatMap(([name, owners]) => owners.map(({ file }) => `${name} ${file}`));
    expect(found).toEqual([]);
  });

  it('every phase in which a run works has a file', () => {
    const missing = workingPhases.filter((phase) => !isThere(`src/agent/phases/${phase}.ts`));
    expect(missing).toEqual([]);
  });

  it('every export is named by another file', () => {
    const importers = Map.groupBy(everyImport, ({ to }) => to);
    const isNamed = (path: string, name: string): boolean =>
      (importers.get(path) ?? []).some(({ from, names }) =>
        names === 'all' ? new RegExp(`\\b${name}\\b`).test(read(from)) : names.includes(name),
      );
    const unnamed = files.flatMap((file) =>
      exportsOf(`src/${file}`)
        .filter((name) => !isNamed(`src/${file}`, name))
        .map((name) => `${name} ${file}`),
    );
    expect(unnamed).toEqual([]);
  });

  it('only what runs programs does so', () => {
    const runners = files.filter((file) => /'node:child_process'|'execa'/.test(source(file)));
    expect(runners.sort()).toEqual([
      'engine/launcher/child.ts',
      'engine/supervisor/engine-process.ts',
      'exec.ts',
      'rehearsal/agent-process.ts',
    ]);
  });

  it('only the command line reads the environment and the arguments', () => {
    const readers = files.filter((file) => /process\.(env|argv)\b/.test(source(file)));
    expect(readers).toEqual(['cli.ts']);
  });
});

describe('the tests', () => {
  it('lie where their source lies', () => {
    const lost = ['unit', 'integration', 'browser']
      .flatMap((tier) => filesBelow(`test/${tier}`))
      .filter((file) => file.endsWith('.test.ts') && !isBesideItsSource(file));
    expect(lost).toEqual([]);
  });
});

describe('comments', () => {
  it('have lines of at most a hundred columns', () => {
    const long = all.filter((file) => longComments(file, 100).length > 0);
    expect(long).toEqual([]);
  });
});

function source(file: string): string {
  return read(join('src', file));
}

/** `test/unit/a/b.test.ts` is about `src/a`; a test that is not in a folder is about a file. */
function isBesideItsSource(test: string): boolean {
  const path = test.split('/').slice(2).join('/');
  const [folder = ''] = path.split('/');
  if (!path.includes('/')) {
    const name = path.replace(/\.test\.ts$/, '');
    return alone.includes(name) || isThere(`src/${name}.ts`);
  }
  const where = join(path, '..');
  return isThere(join('src', where)) || (folder === where && isThere(outside[folder] ?? '-'));
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

function rank(file: string): number {
  return order.indexOf(folderOf(file));
}

function inWords({ from, to }: Import): string {
  return `${from} -> ${to}`;
}
