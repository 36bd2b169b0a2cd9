/** Puts the contents into a folder and makes a package of it with dpkg-deb. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  lutimes,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Entry } from './contents.ts';
import type { Architecture } from './node.ts';

type DebOptions = Readonly<{
  root: string;
  outDir: string;
  architecture: Architecture;
  version: string;
  /** The time of every file in the package. */
  epochSeconds: number;
  compression: number;
  entries: readonly Entry[];
}>;

const scripts = ['postinst', 'prerm', 'postrm'];

/** The path of the package. */
export async function buildDeb(options: DebOptions): Promise<string> {
  const { outDir, architecture, version, epochSeconds, compression } = options;
  const tree = await mkdtemp(join(tmpdir(), 'onager-deb-'));
  const name = `onager_${version}_${architecture}.deb`;
  try {
    await chmod(tree, 0o755);
    const sums = await layOut(tree, options.entries);
    await layOutControl(tree, options, sums);
    await setTimes(tree, epochSeconds);
    const draft = join(tree, '..', `${name}.${process.pid}`);
    await promisify(execFile)(
      'dpkg-deb',
      // One thread: the number of threads changes the bytes.
      ['--root-owner-group', '-Zxz', `-z${compression}`, '--threads-max=1', '--build', tree, draft],
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) } },
    );
    await copyFile(draft, join(outDir, `${name}.tmp`));
    await rm(draft);
    await rename(join(outDir, `${name}.tmp`), join(outDir, name));
    return join(outDir, name);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

type Sum = Readonly<{ path: string; md5: string; bytes: number }>;

async function layOut(tree: string, entries: readonly Entry[]): Promise<readonly Sum[]> {
  const sums: Sum[] = [];
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const target = join(tree, entry.path);
    await makeFolder(dirname(target));
    if ('to' in entry) {
      await symlink(entry.to, target);
      continue;
    }
    const bytes = Buffer.from('from' in entry ? await readFile(entry.from) : entry.content);
    await writeFile(target, bytes);
    await chmod(target, entry.mode ?? 0o644);
    const md5 = createHash('md5').update(bytes).digest('hex');
    sums.push({ path: entry.path, md5, bytes: bytes.byteLength });
  }
  return sums;
}

async function layOutControl(
  tree: string,
  { architecture, root, version }: DebOptions,
  sums: readonly Sum[],
): Promise<void> {
  const from = (name: string): string => join(root, 'packaging', name);
  const into = (name: string): string => join(tree, 'DEBIAN', name);
  await makeFolder(join(tree, 'DEBIAN'));
  const installedKiB = sums.reduce((total, { bytes }) => total + Math.ceil(bytes / 1_024), 0);
  const control = (await readFile(from('control'), 'utf8'))
    .replace('{{version}}', version)
    .replace('{{architecture}}', architecture)
    .replace('{{installedKiB}}', String(installedKiB));
  const conffiles = await readFile(from('conffiles'), 'utf8');
  const summed = sums.filter(({ path }) => !conffiles.includes(`/${path}\n`));
  const md5sums = summed.map(({ path, md5 }) => `${md5}  ${path}\n`).join('');
  for (const [name, text] of Object.entries({ control, conffiles, md5sums })) {
    await writeFile(into(name), text);
    await chmod(into(name), 0o644);
  }
  for (const name of scripts) {
    await copyFile(from(name), into(name));
    await chmod(into(name), 0o755);
  }
}

// The mode must not depend on the umask of the build.
async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made === undefined) return;
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) {
    await chmod(folder, 0o755);
  }
}

async function setTimes(tree: string, epochSeconds: number): Promise<void> {
  const entries = await readdir(tree, { recursive: true });
  for (const entry of [...entries, '.']) {
    await lutimes(join(tree, entry), epochSeconds, epochSeconds);
  }
}
