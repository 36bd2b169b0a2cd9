/**
 * The source, the tests and the scripts as text: their files, imports, exports and comments. Paths
 * are relative to the root.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const root = join(import.meta.dirname, '../..');

export type Import = Readonly<{
  from: string;
  to: string;
  typeOnly: boolean;
  /** What it names of the other file. `all`: only the text of `from` can tell. */
  names: readonly string[] | 'all';
}>;

export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(root.length + 1))
    .toSorted();
}

export function isThere(path: string): boolean {
  return existsSync(join(root, path));
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const fixedImport = /^(?:import|export)\s+(type\s)?([^;'"]*?)\s*from\s+'(\.[^']+)'/gm;
const otherImport = /import\('(\.[^']+)'\)|^import\s+'(\.[^']+)'/gm;

export function importsOf(from: string): readonly Import[] {
  const text = read(from);
  const fixed = [...text.matchAll(fixedImport)].map(([, type, clause = '', path = '']) => ({
    from,
    to: normalize(join(from, '..', path)),
    typeOnly: type !== undefined,
    names: namesOf(clause),
  }));
  const others = [...text.matchAll(otherImport)].map(([, dynamic, bare]) => ({
    from,
    to: normalize(join(from, '..', dynamic ?? bare ?? '')),
    typeOnly: false,
    names: 'all' as const,
  }));
  return [...fixed, ...others];
}

/** The names in `{ a, type B as C }`; a namespace or a default could be anything. */
function namesOf(clause: string): readonly string[] | 'all' {
  const list = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  if (list === undefined) return 'all';
  const names = list.split(',').map((item) => item.trim().replace(/^type\s+/, ''));
  return names.map((name) => name.split(/\s+as\s+/)[0] ?? '').filter(Boolean);
}

const exported =
  /^export (?:declare |abstract |async )*(?:const|let|class|function\*?|type|interface|enum) (\w+)/gm;

export function exportsOf(path: string): readonly string[] {
  return [...read(path).matchAll(exported)].map(([, name = '']) => name);
}

export function declaredTypesOf(
  path: string,
): readonly Readonly<{ name: string; isExported: boolean }>[] {
  const found = read(path).matchAll(/^(export )?(?:declare )?(?:type|interface) (\w+)/gm);
  return [...found].map(([, mark, name = '']) => ({ name, isExported: mark !== undefined }));
}

/** The numbers of the lines with a comment that are longer than `columns`. */
export function longComments(path: string, columns: number): readonly number[] {
  const isCode = /\.(?:[cm]?[jt]sx?|css)$/.test(path);
  const comment = isCode ? /^\s*(?:\/\/|\/\*|\*)|\s\/\/ |\s\/\*\*? / : /^\s*#/;
  return read(path)
    .split('\n')
    .flatMap((line, index) => (line.length > columns && comment.test(line) ? [index + 1] : []));
}

/** The imports that are part of a circle: each end can reach the other. */
export function circular(imports: readonly Import[]): readonly Import[] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const reach = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [start];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const { to } of next.get(file) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    }
    return seen;
  };
  const reached = new Map(imports.map(({ to }) => [to, reach(to)]));
  return imports.filter(({ from, to }) => reached.get(to)?.has(from));
}
