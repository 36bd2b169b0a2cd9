/**
 * Checks every object before the manifest names it: an answer of 200 to a put does not prove that
 * the object is in the bucket.
 */

import { counted, formatInteger } from '../../text.ts';
import { chunkKey } from '../chunks.ts';
import type { Route } from '../route.ts';
import type { Job } from '../upload-queue.ts';
import { isSame } from './place.ts';
import { type S3Failure, S3FailureError } from './s3-errors.ts';

/** An object that the bucket has according to the ledger; `forget` has it sent again. */
type Entry = Readonly<{ key: string; size: number; sha256: string; forget(): void }>;

type Confirmation = Readonly<{
  jobs: readonly Job[];
  /**
   * To be called when all jobs are done. False: this role may not see any of the objects, so
   * nothing is known.
   *
   * @throws S3FailureError BUCKET_INCOMPLETE: objects are not there; the ledger has forgotten them
   */
  end(): Promise<boolean>;
}>;

export function createConfirmation({ prefix, bucket, ledger, log }: Route): Confirmation {
  const hidden: Entry[] = [];
  const lost: Entry[] = [];
  const entries = entriesOf(ledger.data);

  async function look(entry: Entry, signal: AbortSignal): Promise<void> {
    const head = await bucket.head(`${prefix}/${entry.key}`, signal);
    if (head === 'hidden') hidden.push(entry);
    else if (head === 'absent' || !isSame(head, entry)) lost.push(entry);
  }

  return {
    jobs: entries.map((entry) => ({ key: entry.key, run: (signal) => look(entry, signal) })),
    async end() {
      // Without s3:ListBucket, S3 does not say of an object that it is not there, but that it may
      // not be seen.
      const mayLook = hidden.length < entries.length;
      if (mayLook) lost.push(...hidden);
      for (const entry of lost) entry.forget();
      if (lost.length === 0) return mayLook;
      await ledger.save();
      log.warn({ keys: lost.slice(0, 20).map(({ key }) => key) }, 'objects are not in the bucket');
      throw new S3FailureError(incomplete(lost.length, entries.length));
    },
  };
}

function entriesOf({ objects, chunked }: Route['ledger']['data']): readonly Entry[] {
  const chunks = Object.entries(chunked).flatMap(([key, { chunks }]) =>
    chunks.flatMap((chunk) => {
      const { object, seq } = chunk;
      const forget = (): void => void delete chunk.object;
      return object === undefined ? [] : [{ ...object, key: chunkKey(key, seq), forget }];
    }),
  );
  const whole = Object.entries(objects).map(([key, object]) => ({
    ...object,
    key,
    forget: (): void => void delete objects[key],
  }));
  return [...chunks, ...whole];
}

function incomplete(lost: number, all: number): S3Failure {
  return {
    scope: 'store',
    problem: {
      code: 'BUCKET_INCOMPLETE',
      message: `the bucket does not have ${formatInteger(lost)} of ${counted(all, 'object')}, although it accepted ${lost === 1 ? 'it' : 'them'}`,
      hint: 'Onager sends them again; check what is between this machine and S3, and that nothing deletes objects',
    },
  };
}
