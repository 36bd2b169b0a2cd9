/** Every regular expression in src, and what recheck says about the time that it takes. */

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

const root = join(import.meta.dirname, '../..');

/** `source` is the literal as written, or `RegExp(…)` for an expression that is put together. */
export type Expression = Readonly<{
  place: string;
  source: string;
  pattern: string;
  flags: string;
}>;

export async function expressionsIn(folder: string): Promise<readonly Expression[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter(({ name }) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map(({ name, parentPath }) => join(parentPath, name));
  const found = await Promise.all(paths.toSorted().map(expressionsOf));
  return found.flat();
}

async function expressionsOf(path: string): Promise<readonly Expression[]> {
  const text = await readFile(path, 'utf8');
  const found: Expression[] = [];
  const add = (start: number, source: string, pattern = '', flags = ''): void => {
    const line = text.slice(0, start).split('\n').length;
    found.push({ place: `${relative(root, path)}:${line}`, source, pattern, flags });
  };
  visit(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), (node) => {
    const { start = 0, type, regex, callee } = node;
    if (regex !== undefined)
      add(start, `/${regex.pattern}/${regex.flags}`, regex.pattern, regex.flags);
    const calls = type === 'NewExpression' || type === 'CallExpression';
    if (calls && callee?.name === 'RegExp') add(start, 'RegExp(…)');
  });
  return found;
}

type AnyNode = Readonly<{
  type?: string;
  start?: number;
  regex?: Readonly<{ pattern: string; flags: string }>;
  callee?: Readonly<{ name?: string }>;
}>;

function visit(node: unknown, see: (node: AnyNode) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) see(node);
  for (const inner of Object.values(node)) visit(inner, see);
}

/** Without an unbounded repetition, the time at each place of a text is bounded. */
export function repeatsWithoutEnd({ pattern }: Expression): boolean {
  return /[*+]|\{\d+,\}/.test(pattern);
}

/**
 * `linear`, or how bad an attacker can make it: `polynomial`, `exponential`; `unknown` if recheck
 * found no answer.
 */
export async function complexityOf({ pattern, flags }: Expression): Promise<string> {
  // Runs in this process: the other backends are separate programs.
  process.env['RECHECK_BACKEND'] = 'pure';
  const { checkSync } = await import('recheck');
  const judged = checkSync(pattern, flags, { timeout: 300_000 });
  if (judged.status === 'vulnerable') return judged.complexity.type;
  return judged.status === 'safe' ? 'linear' : judged.status;
}
