/** Makes a zip of a scenario folder: the same files always give the same bytes. */

import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { OnagerError } from '../errors.ts';

/** What EC2 takes as user-data, before base64. */
export const maxUserDataBytes = 16_384;

export type Skipped = Readonly<{ path: string; why: string }>;

export type Packed = Readonly<{
  zip: Buffer;
  files: readonly string[];
  /** Left out, and why; a folder stands for all that is in it. */
  skipped: readonly Skipped[];
}>;

type Item = Readonly<{ name: string; isFolder: boolean; isFile: boolean; isLink: boolean }>;

export async function packScenario(dir: string, signal?: AbortSignal): Promise<Packed> {
  const { files, skipped } = await choose(dir, '', signal);
  if (files.length === 0) {
    throw new OnagerError('PACK_EMPTY', `there is no file to pack in "${dir}"`, {
      hint: 'name the folder that holds the scenario; hidden files are left out',
    });
  }
  const zip = new ZipFile();
  const bytes = buffer(zip.outputStream);
  // Zip times are local: this one is the same bytes everywhere.
  const firstDosTime = new Date(1980, 0, 1);
  for (const path of files) {
    signal?.throwIfAborted();
    const options = { mtime: firstDosTime, forceDosTimestamp: true, mode: 0o100644 };
    zip.addBuffer(await readFile(join(dir, path)), path, { ...options, compressionLevel: 9 });
  }
  zip.end();
  return { zip: await bytes, files, skipped };
}

/** The settings to launch with when the zip itself is too large to be user-data. */
export function settingsForm({
  sha256,
  bucket = 'YOUR-BUCKET',
  key = 'scenario.zip',
}: Readonly<{ sha256: string; bucket?: string; key?: string }>): string {
  return `#onager\nscenario:\n  from: ${JSON.stringify(`s3://${bucket}/${key}`)}\n  sha256: ${sha256}\n`;
}

async function choose(
  root: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Readonly<{ files: readonly string[]; skipped: readonly Skipped[] }>> {
  const files: string[] = [];
  const skipped: Skipped[] = [];
  for (const name of (await readdir(join(root, folder))).toSorted()) {
    signal?.throwIfAborted();
    const path = folder === '' ? name : `${folder}/${name}`;
    const stats = await lstat(join(root, path));
    const why = whySkipped({
      name,
      isFolder: stats.isDirectory(),
      isFile: stats.isFile(),
      isLink: stats.isSymbolicLink(),
    });
    if (why !== undefined) {
      skipped.push({ path, why });
    } else if (stats.isDirectory()) {
      const inside = await choose(root, path, signal);
      files.push(...inside.files);
      skipped.push(...inside.skipped);
    } else {
      files.push(path);
    }
  }
  return { files: files.toSorted(), skipped };
}

function whySkipped({ name, isFolder, isFile, isLink }: Item): string | undefined {
  if (name.startsWith('.')) return 'hidden';
  if (isFolder && name === '__MACOSX') return 'written by macOS';
  if (isFolder && name === 'node_modules') return 'installed packages';
  if (isFile && /~$|^#.*#$|\.(?:bak|orig|rej|sw[op]|tmp)$/i.test(name)) return 'an editor backup';
  if (isLink) return 'a symbolic link';
  if (!isFile && !isFolder) return 'neither a file nor a folder';
  return undefined;
}
