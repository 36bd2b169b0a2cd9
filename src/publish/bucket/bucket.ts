/** The bucket: puts single objects and checks them, each attempt with a time limit. */

import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { CredentialsProvider } from '../../aws/credentials.ts';
import { fallbackRegion, s3StatusOf } from '../../aws/s3.ts';
import type { Log } from '../../log.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import { createConnection, type S3Timeouts } from './connection.ts';
import { createDialect } from './dialect.ts';
import { type Listed, listObjects } from './list.ts';
import { createPut, type Expected, type Put, shaKey, type Upload } from './put.ts';
import { notS3 } from './s3-errors.ts';

type BucketOptions = Readonly<{
  settings: PublishSettings;
  credentials: CredentialsProvider;
  defaultRegion?: string | undefined;
  log: Log;
  timeouts?: S3Timeouts;
}>;

/**
 * What the bucket says about an object. `hidden`: it does not let us see it, or does not say that
 * there is none.
 */
export type Head = Readonly<{ size: number; sha256?: string; etag: string }> | 'absent' | 'hidden';

export type Bucket = Readonly<{
  /**
   * `taken`: the key holds something other than expected, and keeps it. Stores without conditions
   * put the object anyway.
   */
  put(upload: Upload, expected: Expected, signal: AbortSignal): Promise<'taken' | Put>;
  head(key: string, signal: AbortSignal): Promise<Head>;
  /** The first thousands of keys that start with the prefix. */
  list(prefix: string, signal: AbortSignal): Promise<readonly Listed[]>;
  close(): void;
}>;

/** Talks to the bucket of the settings; the AWS SDK is loaded with the first request. */
export function openBucket({
  settings,
  credentials,
  defaultRegion,
  log,
  timeouts = { connectMs: 3_000, idleMs: 30_000, perAttemptMs: 60_000 },
}: BucketOptions): Bucket {
  const { bucket, endpoint, bucketOwner } = settings;
  const region = settings.region ?? defaultRegion ?? fallbackRegion;
  const dialect = createDialect({ region, isAws: endpoint === undefined, log });
  const connection = createConnection({ settings, credentials, timeouts, dialect });
  const put = createPut(settings, dialect);
  return {
    async put(upload, expected, signal) {
      return await connection.attempt(
        (to, abort) => put(to, upload, expected, abort),
        upload.size,
        signal,
      );
    },
    async head(key, signal) {
      const input = {
        Bucket: bucket,
        Key: key,
        ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }),
      };
      return await connection.attempt(
        async ({ sdk, client }, abortSignal) => {
          try {
            const head = await client.send(new sdk.HeadObjectCommand(input), { abortSignal });
            return headOf(key, head);
          } catch (error) {
            if (s3StatusOf(error) === 404) return 'absent';
            if (s3StatusOf(error) === 403) return 'hidden';
            throw error;
          }
        },
        0,
        signal,
      );
    },
    async list(prefix, signal) {
      return await connection.attempt(
        (to, abort) => listObjects(to, settings, prefix, abort),
        0,
        signal,
      );
    },
    close: connection.close,
  };
}

function headOf(key: string, head: HeadObjectCommandOutput): Head {
  const { ContentLength: size = 0, ETag: etag, Metadata } = head;
  if (etag === undefined) throw notS3(`a look at ${key} with 200, but without an ETag`);
  const sha256 = Metadata?.[shaKey];
  return { size, etag, ...(sha256 === undefined ? {} : { sha256 }) };
}
