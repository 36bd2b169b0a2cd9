/**
 * Which files of a run folder are published, what they are called below `<prefix>/<run-id>/`, and
 * which are refused.
 */

import { relative, sep } from 'node:path';
import type { Problem } from '../errors.ts';
import { RefusedFile } from '../files/untrusted-file.ts';
import type { RunFolder } from '../run/folder.ts';
import { type ListedFile, listBelow, type Treatment } from './listing.ts';

/**
 * How a file's bytes become objects. `whole`: one object, replaced while it changes. `grown`: gzip
 * chunks below `<key>/`. `state`: whole, and sent again while the run goes on; before the manifest
 * it is the last.
 */
export type PublishAs = 'whole' | 'grown' | 'state';

/** One file to publish. `source`: relative to the run folder, with forward slashes. */
type Publishable = Readonly<{ source: string; key: string; as: PublishAs }>;

/** The same with its path and its current content. */
export type PublishableFile = Publishable &
  Readonly<{ path: string; bytes: number; modifiedMs: number }>;

/**
 * A file that may be shown. `key`: its public name, with forward slashes. `path`: where it is.
 * `source`: its path in the run folder.
 */
export type PublishedFile = Readonly<{
  key: string;
  path: string;
  bytes: number;
  source?: string;
}>;

/**
 * Any file above this is published in chunks, so that each request is short enough to be sent
 * again.
 */
const maxWholeBytes = 64 * 1024 ** 2;

/** Every file that is, or will be, published: the local files, in the order of their keys. */
export async function publishedFiles(folder: RunFolder): Promise<readonly PublishedFile[]> {
  const files = await publishableFiles(folder);
  return files.map(({ key, path, bytes, source }) => ({ key, path, bytes, source }));
}

/** The files to publish, from the current run folder. */
export async function publishableFiles(folder: RunFolder): Promise<readonly PublishableFile[]> {
  return (await surveyRun(folder)).files;
}

/**
 * The files to publish, and those refused because they are not regular files: links, pipes and the
 * like.
 */
export async function surveyRun({
  root,
}: RunFolder): Promise<
  Readonly<{ files: readonly PublishableFile[]; refused: readonly RefusedFile[] }>
> {
  const sourceOf = (path: string): string => relative(root, path).split(sep).join('/');
  const { files, refused } = await listBelow(root, (path, isFolder) =>
    treatmentOf(sourceOf(path), isFolder),
  );
  const entries = files.flatMap((file) => {
    const entry = publishable(sourceOf(file.path));
    return entry === undefined ? [] : [withStatus(entry, file)];
  });
  const isTooLong = ({ key }: PublishableFile): boolean => Buffer.byteLength(key) > maxKeyBytes;
  const tooLong = entries
    .filter(isTooLong)
    .map(({ path }) => new RefusedFile(path, 'its path is too long for S3'));
  return {
    files: entries.filter((entry) => !isTooLong(entry)).sort((a, b) => (a.key < b.key ? -1 : 1)),
    refused: [...refused, ...tooLong],
  };
}

/** S3 allows names of 1,024 bytes; some are for the prefix, the run id and the chunk number. */
const maxKeyBytes = 768;

/** How many of the refused files are named. */
const maxNamed = 5;

/** The warning about refused files; undefined if there are none. */
export function refusedProblem(
  { root }: RunFolder,
  refused: readonly RefusedFile[],
): Problem | undefined {
  const [first] = refused;
  if (first === undefined) return undefined;
  const named = refused
    .slice(0, maxNamed)
    .map(({ reason, where = root }) => `${JSON.stringify(relative(root, where))} (${reason})`);
  const more = refused.length - named.length;
  return {
    code: first.code,
    message: `not read and not published: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    hint: first.hint,
  };
}

function withStatus(entry: Publishable, file: ListedFile): PublishableFile {
  const isTooLarge = entry.as !== 'grown' && file.bytes > maxWholeBytes;
  return {
    ...entry,
    ...(isTooLarge ? { as: 'grown', key: `raw/${entry.key}` } : {}),
    ...file,
  };
}

/** How a file of the run folder is published; undefined: it stays on the instance. */
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

/** Files that are listed one by one: each has its own key. */
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

/** Internal files of agent and supervisor: the plan's environment may hold secrets. */
const bookkeeping: ReadonlySet<string> = new Set([
  'plan.json',
  'fired.json',
  'withdrawn.json',
  'engine.json',
  'stop',
]);

/** Read by the agent, and not published. */
const readOnly = new Set(['engine/plan.json', 'engine/fired.json', 'engine/engine.json']);

/** Dotfiles (the Erlang cookie), home folders, and drafts of files that are not whole yet. */
function isPrivate(name: string): boolean {
  return name.startsWith('.') || name === 'home' || name.endsWith('.tmp');
}

function treatmentOf(source: string, isFolder: boolean): Treatment {
  const [top = '', ...rest] = source.split('/');
  if (isFolder && !namedAsFile.test(source)) {
    const isOpen = ['engine', 'logs', 'report'].includes(top) && !rest.some(isPrivate);
    return isOpen ? 'enter' : 'pass';
  }
  if (fixed.has(source) || neededFiles.has(source) || ['logs', 'report'].includes(top)) {
    return publishable(source) === undefined ? 'pass' : 'always';
  }
  return publishable(source) !== undefined || readOnly.has(source) ? 'look' : 'pass';
}

/** What the run's numbers come from, which is kept however many other files there are. */
const neededFiles: ReadonlySet<string> = new Set([
  'engine/exit.json',
  'engine/generator.ndjson',
  'engine/onager.records',
]);

/** A folder with such a name is where a file is expected. */
const namedAsFile = /^engine\/.*\.(?:dump|json|log|ndjson|records)$/;
