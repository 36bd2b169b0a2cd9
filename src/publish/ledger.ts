/**
 * The ledger: which object holds which bytes. It is kept in `publish.json`, so that a restart
 * neither loses nor repeats any.
 */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Log } from '../log.ts';
import {
  dictionary,
  type FromSchema,
  list,
  number,
  object,
  oneOf,
  parseWithSchema,
  text,
} from '../schema.ts';

const sum = { sha256: text(), size: number() };

/**
 * An object that the bucket has: what its bytes are. `modifiedMs`: of the file, before its bytes
 * were read.
 */
const objectSum = { ...sum, modifiedMs: number() };

/**
 * A stretch of a file that is one object for ever. It is written down before it is sent, so that
 * every retry sends the same bytes to the same key. `object` is there once the bucket
 * has it.
 */
const chunkSchema = object(
  { seq: number(), from: number(), to: number() },
  { object: object({ ...objectSum, contentSha256: text() }) },
);

/** `nextSeq` is never used twice. `whole`: verified against the file at the end of the run. */
const chunkedSchema = object(
  { source: text(), nextSeq: number(), chunks: list(chunkSchema) },
  { whole: object(sum) },
);

/**
 * `objects`: those that hold a whole file, by key; `etag`: by which the next version replaces this
 * one. `chunked`: files in chunks, by key. `sealed`: set once everything but the manifest is in the
 * bucket: nothing else is sent any more; `seen`: which of the objects the bucket let us look at.
 */
const ledgerSchema = object(
  {
    version: oneOf(1),
    to: text(),
    objects: dictionary(object({ ...objectSum, source: text() }, { etag: text() })),
    chunked: dictionary(chunkedSchema),
  },
  {
    sealed: object(
      { createdAt: text() },
      { outcome: text(), exitCode: number(), seen: oneOf('all', 'none') },
    ),
    manifest: object({ ...sum, key: text() }),
  },
);

export type LedgerData = FromSchema<typeof ledgerSchema>;
export type Chunk = FromSchema<typeof chunkSchema>;
export type ChunkedFile = FromSchema<typeof chunkedSchema>;

export type Ledger = Readonly<{
  /** The entries; changed in place by the publisher alone. */
  data: LedgerData;
  /**
   * Resolves when every change made before this call is on disk, or cannot be written. Calls made
   * meanwhile share one write.
   */
  save(): Promise<void>;
}>;

/** Reads the ledger; starts a new one if it is damaged, or of another version or destination. */
export async function openLedger(path: string, to: string, log: Log): Promise<Ledger> {
  const data = parseLedger(await readIfThere(path), to, log);
  // A full disk must not stop uploads: what is not recorded is sent again after a crash.
  const written = (): Promise<void> =>
    writeWhole(path, `${JSON.stringify(data)}\n`).catch((error: unknown) => {
      log.error({ err: error }, 'the publish ledger was not written');
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

function parseLedger(json: string | undefined, to: string, log: Log): LedgerData {
  const empty: LedgerData = { version: 1, to, objects: {}, chunked: {} };
  if (json === undefined) return empty;
  try {
    const data = parseWithSchema(ledgerSchema, json);
    if (data.to === to) return data;
    log.warn(
      { was: data.to, is: to },
      'the publish ledger is for another destination, starting a new one',
    );
  } catch (error) {
    log.warn(
      { err: error, bytes: json.length },
      'the publish ledger is damaged, starting a new one',
    );
  }
  return empty;
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
