/** The shape of the code, read from its source: who may import whom, and that every file says what it is for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Left of the arrow first: a folder may import from itself and from those before it. Files of src/ itself are leaves, but cli.ts. */
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
  'lifetime',
  'web',
  'console',
  'agent',
  'rehearsal',
  'commands',
];

/** The browser's side shares types and pure functions with these, and nothing else. */
const sharedWithPage = [
  'run/state.ts',
  'report/early-end.ts',
  'results/failed-share.ts',
  'results/tick.ts',
  'slo/format.ts',
  'slo/result.ts',
  'errors.ts',
];

type Import = Readonly<{ from: string; to: string; typeOnly: boolean }>;

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.tsx?$/.test(file),
);
const imports = files.flatMap(importsOf);

describe('the source tree', () => {
  it.each(files)('%s opens with its reason to exist', (file) => {
    const text = read(file).replace(/^#!.*\n/, '');
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

  it('nothing but its own folder and the registry knows Tsung', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        to.startsWith('engine/tsung/') &&
        !from.startsWith('engine/tsung/') &&
        from !== 'engine/registry.ts',
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

  it('only what runs programs does so', () => {
    const runners = files.filter((file) => /'node:child_process'|'execa'/.test(read(file)));
    expect(runners.sort()).toEqual([
      'engine/launcher/child.ts',
      'engine/supervisor/engine-process.ts',
      'exec.ts',
      'rehearsal/agent-process.ts',
    ]);
  });

  it('only the command line reads the environment and the arguments', () => {
    const readers = files.filter((file) => /process\.(env|argv)\b/.test(read(file)));
    expect(readers).toEqual(['cli.ts']);
  });
});

function importsOf(from: string): readonly Import[] {
  const found = read(from).matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
  );
  return [...found].flatMap(([, type, fixed, dynamic]) => {
    const to = join(from, '..', fixed ?? dynamic ?? '');
    return to.startsWith('..') ? [] : [{ from, to, typeOnly: type !== undefined }];
  });
}

function read(file: string): string {
  return readFileSync(join(root, 'src', file), 'utf8');
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
