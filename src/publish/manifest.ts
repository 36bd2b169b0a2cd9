/**
 * The manifest: every object of a run with its size and SHA-256. If it is in the bucket, all of
 * them are.
 */

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
  createdAt: string;
  objects: readonly Readonly<{ key: string; size: number; sha256: string }>[];
  files: readonly Readonly<{
    file: string;
    size: number;
    sha256: string;
    chunks: readonly Readonly<{ key: string; from: number; to: number }>[];
  }>[];
}>;

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
