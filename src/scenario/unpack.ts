/** Puts a scenario into its folder: it appears as a whole or not at all. */

import { chmod, constants, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freeBytesAt, syncFolder } from '../files/files.ts';
import { placeFolder } from './whole-folder.ts';
import { readArchive, readLocalEntries } from './zip/archive.ts';
import { judgeContents, safeName, type UnpackLimits } from './zip/contents.ts';
import { checkedData } from './zip/data.ts';
import { judgeLayout } from './zip/layout.ts';
import { zipProblem } from './zip/problem.ts';
import { openZipFile, type ZipSource, zipInMemory } from './zip/source.ts';
import { type Layout, layOut } from './zip/wrapper.ts';

export type Unpacked = Readonly<{ files: readonly string[]; wrapper?: string }>;

type UnpackOptions = Readonly<{
  /** The folder to create; an existing one is replaced. */
  into: string;
  limits: UnpackLimits;
  /** Default: what the file system of `into` says. */
  freeBytes?: number;
  /** False if the files need not survive a power cut: several times as fast for many files. */
  durable?: boolean;
  signal: AbortSignal;
}> &
  Readonly<{ zipPath: string } | { bytes: Uint8Array }>;

const parallelFiles = 4;

/** The whole zip is checked before a byte of it is written. */
export async function unpackScenario(options: UnpackOptions): Promise<Unpacked> {
  const { into, limits, durable = true, signal } = options;
  const source =
    'zipPath' in options ? await openZipFile(options.zipPath) : zipInMemory(options.bytes);
  try {
    const freeBytes = options.freeBytes ?? (await freeBytesAt(dirname(into)));
    const layout = await judged(source, { ...limits, freeBytes });
    signal.throwIfAborted();
    await placeFolder(into, (folder) => write(folder, { source, layout, durable, signal }));
    const { files, wrapper } = layout;
    const paths = files.map(({ path }) => path).toSorted();
    return { files: paths, ...(wrapper === '' ? {} : { wrapper }) };
  } finally {
    await source.close();
  }
}

/** The one file of a scenario that came as bare XML. */
export async function placeXml(
  bytes: Uint8Array,
  into: string,
): Promise<Readonly<{ files: readonly string[] }>> {
  await placeFolder(into, async (folder) => {
    const path = join(folder, 'tsung.xml');
    await writeFile(path, bytes, { flag: 'wx', flush: true });
    await chmod(path, 0o644);
  });
  return { files: ['tsung.xml'] };
}

async function judged(
  source: ZipSource,
  limits: UnpackLimits & Readonly<{ freeBytes: number }>,
): Promise<Layout> {
  const archive = await readArchive(source, { maxEntries: limits.files });
  judgeContents(archive.entries, limits);
  const locals = await readLocalEntries(archive);
  judgeLayout(locals, archive.directoryStart);
  const layout = layOut(
    locals.flatMap((local) => {
      const name = safeName(local.entry);
      return name === undefined ? [] : { name, local };
    }),
  );
  if (layout.files.length === 0) {
    throw zipProblem('ZIP_EMPTY', 'the zip holds no file', 'put the scenario into the zip');
  }
  return layout;
}

async function write(
  root: string,
  {
    source,
    layout,
    durable,
    signal,
  }: Readonly<{ source: ZipSource; layout: Layout; durable: boolean; signal: AbortSignal }>,
): Promise<void> {
  for (const folder of layout.folders) {
    await mkdir(join(root, folder));
    await chmod(join(root, folder), 0o755);
  }
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const queue = layout.files.values();
  const worker = async (): Promise<void> => {
    for (const { path, local } of queue) {
      await writeNew(join(root, path), checkedData(source, local, stop), durable);
    }
  };
  const workers = Array.from({ length: parallelFiles }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  if (durable) for (const folder of layout.folders) await syncFolder(join(root, folder));
}

async function writeNew(
  path: string,
  data: AsyncIterable<Buffer>,
  durable: boolean,
): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o644);
  try {
    // The engine runs as another user, whatever the umask is.
    await file.chmod(0o644);
    await file.writeFile(data);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}
