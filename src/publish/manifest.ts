/**
 * The manifest: every object of a run with its size and SHA-256. If it is in the bucket, all of
 * them are.
 */

import {
  amount,
  list,
  object,
  oneOf,
  parseWithSchema,
  type Schema,
  text,
  time,
} from '../schema.ts';
import { quote } from '../text.ts';
import { chunkKey } from './chunks.ts';
import type { LedgerData } from './ledger.ts';

/**
 * `objects` includes the chunks. `files`: the chunked files; their chunks in order, unpacked and
 * joined, are the file.
 */
export type Manifest = Readonly<{
  version: 1;
  runId: string;
  outcome?: string;
  /** That of `onager report` on the run. */
  exitCode?: number;
  createdAt: string;
  objects: readonly Readonly<{ key: string; size: number; sha256: string }>[];
  files: readonly Readonly<{
    file: string;
    size: number;
    sha256: string;
    chunks: readonly Readonly<{ key: string; from: number; to: number }>[];
  }>[];
}>;

/** A key stays below that of the run, and a file of this path inside a copy of the run. */
const key = text('a relative path that does not lead outside', isInner);

const sum = { size: amount, sha256: text() };

const manifestSchema: Schema<Manifest> = object(
  {
    version: oneOf(1),
    runId: text(),
    createdAt: time,
    objects: list(object({ key, ...sum })),
    files: list(
      object({
        file: text('a key below raw/, or below that of a member', isFileKey),
        ...sum,
        chunks: list(object({ key, from: amount, to: amount })),
      }),
    ),
  },
  { outcome: text(), exitCode: amount },
);

function isInner(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part));
}

function isFileKey(path: string): boolean {
  const areNames = path.split('/').every((name) => Buffer.byteLength(name) <= maxNameBytes);
  return /^(?:members\/[\w-]{1,64}\/)?raw\/./.test(path) && isInner(path) && areNames;
}

/** The longest name of a file on the usual disks. */
const maxNameBytes = 255;

/** Throws a SyntaxError that says what is wrong with it. */
export function parseManifest(json: string): Manifest {
  const manifest = parseWithSchema(manifestSchema, json, { unknownFields: 'kept' });
  const names = manifest.files.map(({ file }) => file).sort(inFolders);
  for (const [at, name] of names.entries()) {
    const next = names[at + 1] ?? '';
    if (`${next}/`.startsWith(`${name}/`))
      throw new SyntaxError(`${quote(name)} is in the way of ${quote(next)}`);
  }
  return manifest;
}

/** A folder comes right before what is below it. */
function inFolders(one: string, other: string): number {
  return `${one}/` < `${other}/` ? -1 : 1;
}

/** The manifest's text: always the same bytes for one sealed ledger. */
export function manifestText(runId: string, ledger: LedgerData): string {
  const { sealed } = ledger;
  if (sealed === undefined) throw new Error('the ledger is not sealed');
  const chunkObjects = Object.entries(ledger.chunked).flatMap(([key, { chunks }]) =>
    chunks.map(({ seq, object }) => ({ key: chunkKey(key, seq), ...sizeAndSum(object) })),
  );
  const wholeObjects = Object.entries(ledger.objects).map(([key, object]) => ({
    key,
    ...sizeAndSum(object),
  }));
  const manifest: Manifest = {
    version: 1,
    runId,
    ...(sealed.outcome === undefined ? {} : { outcome: sealed.outcome }),
    ...(sealed.exitCode === undefined ? {} : { exitCode: sealed.exitCode }),
    createdAt: sealed.createdAt,
    objects: [...chunkObjects, ...wholeObjects].sort(byKey),
    files: Object.entries(ledger.chunked).map(([key, { whole, chunks }]) => ({
      file: key,
      ...sizeAndSum(whole),
      chunks: chunks.map(({ seq, from, to }) => ({ key: chunkKey(key, seq), from, to })),
    })),
  };
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/**
 * The name of the manifest; the second and later names are used if another manifest already has
 * the first.
 */
export function manifestKey(attempt: number): string {
  return attempt === 1 ? 'manifest.json' : `manifest-${attempt}.json`;
}

function sizeAndSum(object: Readonly<{ size: number; sha256: string }> | undefined): {
  size: number;
  sha256: string;
} {
  if (object === undefined) throw new Error('the ledger is sealed, but not everything is sent');
  return { size: object.size, sha256: object.sha256 };
}

function byKey(a: Readonly<{ key: string }>, b: Readonly<{ key: string }>): number {
  return a.key < b.key ? -1 : 1;
}
