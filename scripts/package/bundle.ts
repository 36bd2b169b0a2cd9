/**
 * Bundles the agent into a flat folder of ES modules; whatever is not needed at the start is loaded
 * on demand.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

export type Bundle = Readonly<{
  files: readonly Readonly<{ name: string; code: string }>[];
  /** Every npm package that the bundle contains part of, with the text of its licence. */
  packages: readonly Readonly<{ name: string; version: string; licence: string; text: string }>[];
}>;

export async function bundle(root: string): Promise<Bundle> {
  await using build = await rolldown({
    cwd: root,
    input: { cli: join(root, 'src/cli.ts') },
    platform: 'node',
  });
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  });
  const chunks = output.flatMap((part) => (part.type === 'chunk' ? [part] : []));
  return {
    // A module, not a program: /usr/bin/onager starts it.
    files: chunks.map(({ fileName, code }) => ({
      name: fileName,
      code: ascii(code.replace(/^#!.*\n/, '')),
    })),
    packages: await packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds)),
  };
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
