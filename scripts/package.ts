/**
 * Makes dist/onager_<version>_<architecture>.deb for amd64 and arm64: the same bytes for the same
 * commit on any machine.
 */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version } from '../src/version.ts';
import { bundle } from './package/bundle.ts';
import { contents } from './package/contents.ts';
import { buildDeb } from './package/deb.ts';
import { type Architecture, architectures, fetchNode } from './package/node.ts';

const root = join(import.meta.dirname, '..');

if (import.meta.main) {
  const outDir = join(root, 'dist');
  const wanted = wantedOf(process.argv.slice(2));
  // Standard output has the paths alone.
  const tell = (step: string): void => console.error(`package: ${step} ...`);
  for (const path of await packageAll({ outDir, wanted, tell })) console.log(path);
}

/** The paths of the packages made. `compression`: xz's level, for tests that are in a hurry. */
export async function packageAll({
  outDir,
  wanted,
  compression = 6,
  tell = () => {},
}: {
  outDir: string;
  wanted: readonly Architecture[];
  compression?: number;
  /** Told each step before it is taken. */
  tell?: (step: string) => void;
}): Promise<readonly string[]> {
  await mkdir(outDir, { recursive: true });
  const { stdout } = await promisify(execFile)('git', ['log', '-1', '--format=%ct'], { cwd: root });
  const epochSeconds = Number(stdout);
  tell('bundling src/cli.ts');
  const bundled = await bundle(root);
  const paths: string[] = [];
  for (const architecture of wanted) {
    tell(`getting Node.js for ${architecture}`);
    const node = await fetchNode(root, architecture);
    tell(`compressing the package for ${architecture}`);
    const entries = await contents({ root, bundled, node, version, epochSeconds });
    paths.push(
      await buildDeb({ root, outDir, architecture, version, epochSeconds, compression, entries }),
    );
  }
  return paths;
}

function wantedOf(names: readonly string[]): readonly Architecture[] {
  const wanted = architectures.filter((name) => names.includes(name));
  if (wanted.length !== names.length) {
    throw new Error(`usage: npm run package [-- ${architectures.join('|')}]`);
  }
  return wanted.length === 0 ? architectures : wanted;
}
