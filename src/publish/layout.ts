/** Which files of a run folder are published, and what they are called below `<prefix>/<run-id>/`. */

import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { hasCode } from '../errors.ts';
import type { RunFolder } from '../run/folder.ts';

/**
 * How a file's bytes become objects. `whole`: one object, replaced while it changes. `grown`: gzip chunks below `<key>/`.
 * `state`: whole, and sent again while the run goes on; before the manifest it is the last.
 */
export type PublishAs = 'whole' | 'grown' | 'state';

/** One file to publish. `source`: relative to the run folder, with forward slashes. */
export type Publishable = Readonly<{ source: string; key: string; as: PublishAs }>;

/** The same with where it lies and what it holds now. */
export type PublishableFile = Publishable &
  Readonly<{ path: string; bytes: number; modifiedMs: number }>;

/** A published file as the run folder has it. */
export type PublishedFile = Readonly<{ key: string; path: string; bytes: number }>;

/** Files above this are published in chunks, whatever they are: one request stays short enough to be sent again. */
export const maxWholeBytes = 64 * 1024 ** 2;

/** Every file that is, or will be, published: the local files, in the order of their keys. */
export async function publishedFiles(folder: RunFolder): Promise<readonly PublishedFile[]> {
  const files = await publishableFiles(folder);
  return files.map(({ key, path, bytes }) => ({ key, path, bytes }));
}

/** What is to be published as the run folder stands now. Links, pipes and sockets are not. */
export async function publishableFiles(folder: RunFolder): Promise<readonly PublishableFile[]> {
  const found = await Promise.all(
    (await filesBelow(folder.root)).map(async (path) => {
      const entry = publishable(relative(folder.root, path).split(sep).join('/'));
      const status = entry === undefined ? undefined : await statIfThere(path);
      return entry === undefined || status === undefined ? [] : [withStatus(entry, path, status)];
    }),
  );
  return found.flat().sort((a, b) => (a.key < b.key ? -1 : 1));
}

function withStatus(entry: Publishable, path: string, { size, mtimeMs }: Stats): PublishableFile {
  const isTooLarge = entry.as !== 'grown' && size > maxWholeBytes;
  return {
    ...entry,
    ...(isTooLarge ? { as: 'grown', key: `raw/${entry.key}` } : {}),
    path,
    bytes: size,
    modifiedMs: mtimeMs,
  };
}

/** What a file of the run folder is published as; undefined: it stays on the instance. */
export function publishable(source: string): Publishable | undefined {
  const as = fixed.get(source);
  if (as !== undefined) return as;
  const [top = '', ...rest] = source.split('/');
  if (rest.length === 0 || rest.some(isPrivate)) return undefined;
  const path = rest.join('/');
  if (top === 'logs') return { source, key: `logs/${path}`, as: 'whole' };
  if (top === 'report' && rest[0] === 'native') return { source, key: source, as: 'whole' };
  if (top === 'engine' && !bookkeeping.has(path))
    return { source, key: `raw/${path}`, as: 'grown' };
  return undefined;
}

/** Files whose place in the bucket is not their place in the run folder, or that are alone in theirs. */
const fixed: ReadonlyMap<string, Publishable> = new Map(
  (
    [
      ['run.json', 'run.json', 'state'],
      ['report/summary.json', 'summary.json', 'state'],
      ['settings.json', 'settings.json', 'state'],
      ['scenario.zip', 'scenario.zip', 'whole'],
      ['report/report.html', 'report.html', 'whole'],
      ['report/junit.xml', 'junit.xml', 'whole'],
      ['engine/stdout.log', 'logs/engine-stdout.log', 'whole'],
      ['engine/stderr.log', 'logs/engine-stderr.log', 'whole'],
      ['engine/host.log', 'logs/engine-host.log', 'whole'],
    ] as const
  ).map(([source, key, as]) => [source, { source, key, as }]),
);

/** What the engine's host process keeps for itself: the plan's environment may hold secrets. */
const bookkeeping: ReadonlySet<string> = new Set([
  'plan.json',
  'fired.json',
  'engine.json',
  'stop',
]);

/** Dotfiles (the Erlang cookie), home folders, and drafts of files that are not whole yet. */
function isPrivate(name: string): boolean {
  return name.startsWith('.') || name === 'home' || name.endsWith('.tmp');
}

async function filesBelow(root: string): Promise<readonly string[]> {
  const tops = ['engine', 'logs', 'report'];
  const lists = await Promise.all([
    listed(root, { recursive: false }),
    ...tops.map((top) => listed(join(root, top), { recursive: true })),
  ]);
  return lists.flat();
}

async function listed(dir: string, { recursive }: { recursive: boolean }): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(dir, { withFileTypes: true, recursive });
  } catch (error) {
    // A folder within that vanished meanwhile is another matter: half a list must not pass for all of it.
    if (hasCode(error, 'ENOENT') && (await statIfThere(dir)) === undefined) return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
