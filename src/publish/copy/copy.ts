/**
 * Opens a run that was copied out of the bucket: checks it against its manifest, and joins the
 * chunks of the engine's files. Nothing in the copy is changed.
 */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OnagerError, type Problem } from '../../errors.ts';
import { readIfThere } from '../../files/files.ts';
import { type RunFolder, runFolder } from '../../run/folder.ts';
import type { RunState } from '../../run/state.ts';
import type { PublishedFile } from '../files.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { type CopiedFiles, filesIn, filesOf } from './copied-files.ts';
import { checkObject, DamagedError, joinChunks } from './join-chunks.ts';

/**
 * `engineDir`: the engine's files, as the engine wrote them. `membersDir`: the same of the other
 * members of a cluster, in a folder for each. `files`: those of the run, by their
 * keys. `warning`: the copy may not be all of the run.
 */
type RunCopy = Readonly<{
  engineDir: string;
  membersDir: string;
  files: readonly PublishedFile[];
  warning?: Problem;
}>;

type PublishedRun = Pick<RunState, 'runId' | 'publish'>;

/**
 * `copy`: a run as it lies in the bucket. `mixed`: such a copy with the engine's folder of a run
 * beside it, as if two runs were copied into one folder.
 */
export async function kindOf(dir: string): Promise<'run folder' | 'copy' | 'mixed'> {
  const names = await readdir(dir).catch((): string[] => []);
  const isPublished = names.some((name) => name === 'raw' || manifestName.test(name));
  if (!isPublished || names.includes('resolved.json')) return 'run folder';
  return names.includes('engine') ? 'mixed' : 'copy';
}

/**
 * `work`: an empty folder that gets the engine's files.
 *
 * @throws OnagerError COPY_DAMAGED: all that is missing or is not what was published
 */
export async function openCopy(
  dir: string,
  run: PublishedRun,
  { work, signal }: Readonly<{ work: string; signal: AbortSignal }>,
): Promise<RunCopy> {
  const manifest = await findManifest(dir, run);
  const { whole, chunked, torn } = manifest === undefined ? await filesIn(dir) : filesOf(manifest);
  const damages: string[] = [];
  const files: PublishedFile[] = [];
  const add = async (key: string, path: string, sized: () => Promise<number>): Promise<void> => {
    signal.throwIfAborted();
    try {
      files.push({ key, path, bytes: await sized() });
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      damages.push(error.message);
    }
  };
  for (const object of whole) {
    const path = join(dir, object.key);
    await add(object.key, path, async () => {
      if (isRead(object.key)) await checkObject(object, dir);
      return object.sum?.size ?? (await stat(path)).size;
    });
  }
  const copied = runFolder(work);
  for (const file of chunked) {
    const target = engineFile(copied, file.key);
    await add(file.key, target, () => joinChunks(file, { dir, target, signal }));
  }
  if (damages.length > 0) throw damaged(dir, run, damages);
  return {
    engineDir: copied.engineDir,
    membersDir: copied.membersDir,
    files: files.sort((a, b) => (a.key < b.key ? -1 : 1)),
    ...(manifest === undefined ? { warning: incomplete(chunked, torn) } : {}),
  };
}

/** Where a file in chunks lay in its run folder. */
function engineFile({ root, engineDir }: RunFolder, key: string): string {
  const { member = '', path = '' } =
    /^(?<member>members\/[\w-]{1,64}\/)?raw\/(?<path>.+)$/s.exec(key)?.groups ?? {};
  return member === '' ? join(engineDir, path) : join(root, member, 'engine', path);
}

const manifestName = /^manifest(?:-(\d{1,9}))?\.json$/;

/** What a report is made from; the rest is only listed in it. */
function isRead(key: string): boolean {
  return key === 'run.json' || key.startsWith('logs/');
}

/** That of this run; the last one where there are several. */
async function findManifest(dir: string, run: PublishedRun): Promise<Manifest | undefined> {
  const number = (name: string): number => Number(manifestName.exec(name)?.[1] ?? 1);
  const names = (await readdir(dir)).filter((name) => manifestName.test(name));
  for (const name of names.sort((a, b) => number(b) - number(a))) {
    const json = await readIfThere(join(dir, name));
    if (json === undefined) continue;
    try {
      const manifest = parseManifest(json);
      if (manifest.runId === run.runId) return manifest;
    } catch (error) {
      throw damaged(dir, run, [`${name} is not a manifest: ${messageOf(error)}`]);
    }
  }
  return undefined;
}

/** How many things are named. */
const maxNamed = 5;

function named(things: readonly string[]): string {
  const more = things.length - maxNamed;
  return `${things.slice(0, maxNamed).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function damaged(dir: string, { publish }: PublishedRun, what: readonly string[]): OnagerError {
  const from = publish?.to ?? 's3://BUCKET/PREFIX/RUN-ID';
  return new OnagerError('COPY_DAMAGED', `the copy in ${dir} is not whole: ${named(what)}`, {
    hint: `copy it again into a new folder: aws s3 sync ${from} DIR`,
  });
}

function incomplete(chunked: CopiedFiles['chunked'], torn: readonly string[]): Problem {
  const parts = torn.length === 0 ? '' : `; chunks are missing in ${named(torn)}`;
  return {
    code: 'COPY_INCOMPLETE',
    message: `this copy of the run has no manifest: its ${chunked.length} engine files are measured as far as they are there${parts}`,
    hint: 'the run was still being published, or was cut off: copy it again once manifest.json is in the bucket',
  };
}
