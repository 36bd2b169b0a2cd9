/**
 * Bundles the agent into a flat folder of CommonJS files; whatever is not needed at the start is
 * loaded on demand. An ES module that imports a part of Node.js makes all of that part load.
 */

import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

export type Bundle = Readonly<{
  files: readonly Readonly<{ name: string; code: string }>[];
  /** Every npm package that the bundle contains part of, with the text of its licence. */
  packages: readonly Readonly<{ name: string; version: string; licence: string; text: string }>[];
}>;

const program = 'scripts/package/program';

export async function bundle(root: string): Promise<Bundle> {
  const chunks = await build(root, { main: 'src/cli.ts', 'warm-up': `${program}/warm-up.ts` });
  const id = hash('sha256', chunks.map(({ name, code }) => `${name}\n${code}`).join('\n'));
  const starters = await Promise.all(
    ['cli', 'make-code-cache'].map((name) =>
      build(root, { [name]: `${program}/${name}.ts` }, { bundleId: `"${id}"` }),
    ),
  );
  return {
    files: [...chunks, ...starters.flat()].map(({ name, code }) => ({ name, code })),
    packages: await packagesOf(chunks.flatMap(({ modules }) => modules)),
  };
}

type Chunk = Readonly<{ name: string; code: string; modules: readonly string[] }>;

/** `define`: what stands in the place of names. */
async function build(
  root: string,
  entries: Readonly<Record<string, string>>,
  define: Record<string, string> = {},
): Promise<readonly Chunk[]> {
  await using built = await rolldown({
    cwd: root,
    input: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, join(root, path)]),
    ),
    platform: 'node',
    transform: { define },
  });
  const { output } = await built.generate({
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // The loader of the package knows `require` only.
    dynamicImportInCjs: false,
  });
  const chunks = output.flatMap((part) => (part.type === 'chunk' ? [part] : []));
  return chunks.map(({ fileName, code, moduleIds }) => ({
    name: fileName,
    // A module, not a program: /usr/bin/onager starts it.
    code: ascii(code.replace(/^#!.*\n/, '')),
    modules: moduleIds,
  }));
}

/**
 * Node.js keeps the text of a module in memory, and needs two bytes for each character if a single
 * one is not ASCII.
 */
function ascii(code: string): string {
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function packagesOf(modules: readonly string[]): Promise<Bundle['packages']> {
  const folders = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  const packages = await Promise.all([...folders].map(packageIn));
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function packageIn(folder: string): Promise<Bundle['packages'][number]> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return { name, version, licence: license, text: shortened(text.trim()) };
}

// Every Debian machine has the text of this licence, and packages must not repeat it.
function shortened(text: string): string {
  if (!/Apache License\s+Version 2\.0/.test(text)) return text;
  const owner = /^\s*Copyright (?:\(c\) )?\d{4}.*$/im.exec(text)?.[0].trim();
  const place = 'The text of the licence is in /usr/share/common-licenses/Apache-2.0.';
  return owner === undefined ? place : `${owner}\n\n${place}`;
}
