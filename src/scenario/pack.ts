/**
 * Zips a scenario, which is a folder or one XML file: the same files always give the same bytes.
 */

import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { addAbortSignal, PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { OnagerError } from '../errors.ts';
import { mergeSettings } from '../settings/merge.ts';
import { formatInteger } from '../text.ts';
import type { UnpackLimits } from './zip/contents.ts';

/** How much EC2 accepts as user-data, before base64. */
export const maxUserDataBytes = 16_384;

type Skipped = Readonly<{ path: string; why: string }>;

export type Packed = Readonly<{
  zip: Buffer;
  files: readonly string[];
  /** What is left out, and why; a folder stands for everything in it. */
  skipped: readonly Skipped[];
}>;

type Item = Readonly<{ name: string; isFolder: boolean; isFile: boolean; isLink: boolean }>;

/** What an instance unpacks by default. */
const defaultLimits: UnpackLimits = mergeSettings([], { isComplete: false }).settings.limits;

/**
 * A folder that no instance would unpack is refused before a byte of its files is read.
 *
 * @throws OnagerError PACK_EMPTY, ZIP_TOO_LARGE, ZIP_TOO_MANY_FILES
 */
export async function packScenario(
  dir: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Packed> {
  const chosen: Chosen = { files: [], skipped: [], bytes: 0 };
  await choose(chosen, { root: dir, folder: '', signal });
  if (chosen.files.length === 0) {
    throw new OnagerError('PACK_EMPTY', `there is no file to pack in "${dir}"`, {
      hint: 'name the folder that holds the scenario; hidden files are left out',
    });
  }
  const files = chosen.files.toSorted();
  const zip = await zipOf(files, (path) => readFile(join(dir, path), { signal }), signal);
  return { zip, files, skipped: chosen.skipped };
}

/** A scenario that is one file of XML. */
export async function packXml(path: string, content: Buffer, signal: AbortSignal): Promise<Packed> {
  const name = /\.xml$/i.test(path) ? basename(path) : 'tsung.xml';
  return { zip: await zipOf([name], async () => content, signal), files: [name], skipped: [] };
}

async function zipOf(
  files: readonly string[],
  read: (path: string) => Promise<Buffer>,
  signal: AbortSignal,
): Promise<Buffer> {
  const zip = new ZipFile();
  const bytes = buffer(zip.outputStream.pipe(addAbortSignal(signal, new PassThrough())));
  // If a file cannot be read, do not wait for the zip.
  bytes.catch(() => {});
  // Zip times are local: this one is the same bytes everywhere.
  const firstDosTime = new Date(1980, 0, 1);
  for (const path of files) {
    const options = { mtime: firstDosTime, forceDosTimestamp: true, mode: 0o100644 };
    zip.addBuffer(await read(path), path, { ...options, compressionLevel: 9 });
  }
  zip.end();
  return await bytes;
}

/** The settings to launch with when the zip itself is too large to be user-data. */
export function settingsForm({
  sha256,
  bucket = 'YOUR-BUCKET',
  key = 'scenario.zip',
}: Readonly<{ sha256: string; bucket?: string; key?: string }>): string {
  return `#onager\nscenario:\n  from: ${JSON.stringify(`s3://${bucket}/${key}`)}\n  sha256: ${sha256}\n`;
}

type Chosen = { files: string[]; skipped: Skipped[]; bytes: number };

async function choose(
  chosen: Chosen,
  { root, folder, signal }: Readonly<{ root: string; folder: string; signal: AbortSignal }>,
): Promise<void> {
  for (const name of (await readdir(join(root, folder))).toSorted()) {
    signal.throwIfAborted();
    const path = folder === '' ? name : `${folder}/${name}`;
    const stats = await lstat(join(root, path));
    const why = whySkipped({
      name,
      isFolder: stats.isDirectory(),
      isFile: stats.isFile(),
      isLink: stats.isSymbolicLink(),
    });
    if (why !== undefined) {
      chosen.skipped.push({ path, why });
    } else if (stats.isDirectory()) {
      await choose(chosen, { root, folder: path, signal });
    } else {
      chosen.files.push(path);
      chosen.bytes += stats.size;
      refuseTooMuch(chosen, root);
    }
  }
}

function refuseTooMuch({ files, bytes }: Chosen, root: string): void {
  const { unpackedBytes, files: maxFiles } = defaultLimits;
  if (files.length > maxFiles) {
    throw new OnagerError(
      'ZIP_TOO_MANY_FILES',
      `"${root}" holds more than the ${formatInteger(maxFiles)} files of limits.files`,
      { hint: `name only the scenario's folder; ${byOtherMeans('limits.files')}` },
    );
  }
  if (bytes > unpackedBytes) {
    throw new OnagerError(
      'ZIP_TOO_LARGE',
      `"${root}" holds more than the ${formatInteger(unpackedBytes)} bytes of limits.unpacked`,
      { hint: `leave out what the scenario does not need; ${byOtherMeans('limits.unpacked')}` },
    );
  }
}

function byOtherMeans(key: string): string {
  return `if it needs more, use another zip program and a higher ${key} in the launch settings`;
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
