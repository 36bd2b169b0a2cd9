/** The ledger: which object holds which bytes, kept in `publish.json` so that a restart neither loses nor repeats any. */

import { z } from 'zod';
import { readIfThere, writeWhole } from '../files.ts';
import type { Log } from '../log.ts';

/** An object that the bucket has: what its bytes are. `modifiedMs`: of the file, before its bytes were read. */
const sumSchema = z.object({ sha256: z.string(), size: z.number() });
const objectSchema = sumSchema.extend({ modifiedMs: z.number() });

/**
 * A stretch of a file that is one object for ever. It is written down before it is sent, so that whoever sends it again
 * sends the same bytes to the same key. `object` is there once the bucket has it.
 */
const chunkSchema = z.object({
  seq: z.number(),
  from: z.number(),
  to: z.number(),
  object: objectSchema.extend({ contentSha256: z.string() }).optional(),
});

const ledgerSchema = z.object({
  version: z.literal(1),
  to: z.string(),
  /** Objects that hold a whole file, by key. */
  objects: z.record(z.string(), objectSchema.extend({ source: z.string() })),
  /** Chunked files by key. `nextSeq` is never used twice. `whole`: verified against the file at the end of the run. */
  chunked: z.record(
    z.string(),
    z.object({
      source: z.string(),
      nextSeq: z.number(),
      chunks: z.array(chunkSchema),
      whole: sumSchema.optional(),
    }),
  ),
  /** Set once everything but the manifest is in the bucket: nothing else is sent any more. */
  sealed: z.object({ createdAt: z.string(), outcome: z.string().optional() }).optional(),
  manifest: sumSchema.extend({ key: z.string() }).optional(),
});

export type LedgerData = z.infer<typeof ledgerSchema>;
export type Chunk = z.infer<typeof chunkSchema>;
export type ChunkedFile = LedgerData['chunked'][string];

export type Ledger = Readonly<{
  /** The entries; changed in place by the publisher alone. */
  data: LedgerData;
  /** Resolves when all that was changed up to this call is on disk, or cannot be; calls made meanwhile share one write. */
  save(): Promise<void>;
}>;

/** Reads the ledger; one that is damaged, of another version, or of another place is begun anew. */
export async function openLedger(path: string, to: string, log: Log): Promise<Ledger> {
  const data = parseLedger(await readIfThere(path), to, log);
  // A full disk must not keep results from leaving it: what is not written down is sent once more after a crash.
  const written = (): Promise<void> =>
    writeWhole(path, `${JSON.stringify(data)}\n`).catch((error: unknown) => {
      log.error({ err: error }, 'publish ledger not written');
    });
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    data,
    save() {
      next ??= writing.then(async () => {
        next = undefined;
        writing = written();
        await writing;
      });
      return next;
    },
  };
}

function parseLedger(text: string | undefined, to: string, log: Log): LedgerData {
  const empty: LedgerData = { version: 1, to, objects: {}, chunked: {} };
  if (text === undefined) return empty;
  const parsed = ledgerSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    log.warn({ bytes: text.length }, 'publish ledger is damaged, begun anew');
    return empty;
  }
  if (parsed.data.to !== to) {
    log.warn({ was: parsed.data.to, is: to }, 'publish ledger is of another place, begun anew');
    return empty;
  }
  return parsed.data;
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Objects that the bucket has, and their bytes. */
export function countedIn({ objects, chunked, manifest }: LedgerData): {
  objects: number;
  bytes: number;
} {
  const sizes = [
    ...Object.values(objects).map(({ size }) => size),
    ...Object.values(chunked).flatMap(({ chunks }) =>
      chunks.flatMap(({ object }) => (object === undefined ? [] : [object.size])),
    ),
    ...(manifest === undefined ? [] : [manifest.size]),
  ];
  return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
