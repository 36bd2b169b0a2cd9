/**
 * Opens an object in S3; the AWS SDK is loaded with the first request, as most scenarios need none.
 */

import { Readable } from 'node:stream';
import type { CredentialsProvider } from '../../aws/credentials.ts';
import {
  connectToS3,
  fallbackRegion,
  isElsewhere,
  type S3Connection,
  s3AnswerOf,
} from '../../aws/s3.ts';
import { OnagerError } from '../../errors.ts';
import { networkFailure, type OpenedDownload, statusFailure, TransientError } from './faults.ts';

export type S3Access = Readonly<{
  /** Absent: the SDK looks in its usual places (environment, ~/.aws). */
  credentials?: CredentialsProvider;
  /** The region to ask first; a bucket in another region is followed. */
  region?: string;
  /** An S3-compatible service other than AWS. */
  endpoint?: string;
}>;

type S3Source = S3Access & Readonly<{ bucket: string; key: string; idleMs: number }>;

export function createS3Source(source: S3Source): Readonly<{
  open(signal: AbortSignal): Promise<OpenedDownload>;
  close(): void;
}> {
  const { bucket, key, credentials, region = fallbackRegion, endpoint, idleMs } = source;
  let connection: S3Connection | undefined;
  return {
    async open(abortSignal) {
      connection ??= await connectToS3({
        credentials,
        region,
        endpoint,
        connectMs: Math.min(5_000, idleMs),
        idleMs,
        maxAttempts: 1,
        followRegionRedirects: true,
      });
      const { client, sdk } = connection;
      try {
        const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body, ContentLength } = await client.send(command, { abortSignal });
        if (!(Body instanceof Readable)) throw new TransientError('the answer has no body');
        return {
          body: Body,
          ...(ContentLength === undefined ? {} : { totalBytes: ContentLength }),
        };
      } catch (error) {
        throw failure(error, source);
      }
    },
    close() {
      connection?.client.destroy();
    },
  };
}

function failure(
  error: unknown,
  { bucket, key, endpoint, region = fallbackRegion }: S3Source,
): Error {
  if (error instanceof OnagerError || error instanceof TransientError) return error;
  const place = `s3://${bucket}/${key}`;
  const answer = s3AnswerOf(error);
  const { name, message, status, words } = answer;
  if (name === 'CredentialsProviderError') {
    const hint = `attach an instance profile whose role may s3:GetObject ${place}`;
    const sentence = `there are no AWS credentials to read ${place} with: ${message}`;
    return new OnagerError('NO_CREDENTIALS', sentence, { hint, cause: error });
  }
  if (status === undefined) return networkFailure(error, endpoint ?? 'S3');
  if (name === 'RequestTimeTooSkewed') {
    return new TransientError(`the clock of this machine is wrong: ${message}`);
  }
  if (isElsewhere(answer, region)) {
    const sentence = `the bucket "${bucket}" is not in ${region}: ${message}`;
    const hint = 'launch in the region of the bucket, or copy the scenario to this one';
    return new OnagerError('SCENARIO_REFUSED', sentence, { hint, cause: error });
  }
  return statusFailure(status, place, words);
}
