/** Stores the end of the lifetime where the next process finds it before it knows its run. */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Log } from '../log.ts';

/** Never rejects. */
export type LifetimeFile = (endsAt: Date) => Promise<void>;

/** The file holds seconds since 1970, which shells can compare. */
export function createLifetimeFile(path: string, log: Log): LifetimeFile {
  let written: Promise<void> = Promise.resolve();
  return async (endsAt) => {
    written = written
      .then(() => writeWhole(path, `${Math.ceil(endsAt.getTime() / 1_000)}\n`))
      .catch((error: unknown) =>
        log.warn({ err: error, path }, 'the end of the lifetime was not stored'),
      );
    await written;
  };
}

/** Undefined where it has never been written, or cannot be read. */
export async function readLifetimeFile(path: string): Promise<Date | undefined> {
  const text = await readIfThere(path).catch(() => undefined);
  return /^\d{1,12}\n$/.test(text ?? '') ? new Date(Number(text) * 1_000) : undefined;
}
