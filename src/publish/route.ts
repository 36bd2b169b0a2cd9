/** What the steps of publishing share: the run folder, its bucket, and what is already in it. */

import type { Log } from '../log.ts';
import type { RunFolder } from '../run/folder.ts';
import type { Bucket } from './bucket/bucket.ts';
import type { Ledger } from './ledger.ts';

/** Where a run folder goes in the bucket: `prefix` is that of its objects, including the run id. */
export type Route = Readonly<{
  folder: RunFolder;
  prefix: string;
  bucket: Bucket;
  ledger: Ledger;
  log: Log;
  now(): Date;
}>;
