/** What the steps of publishing share: the run folder, its bucket, and what is in there already. */

import type { Log } from '../log.ts';
import type { RunFolder } from '../run/folder.ts';
import type { Bucket } from './bucket/bucket.ts';
import type { Ledger } from './ledger.ts';

/** A run folder's way into the bucket: `prefix` is that of its objects, run id included. */
export type Route = Readonly<{
  folder: RunFolder;
  prefix: string;
  bucket: Bucket;
  ledger: Ledger;
  log: Log;
  now(): Date;
}>;
