/** Opens an object in S3; the AWS SDK is loaded with the first request, as most scenarios need none. */

import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { OnagerError } from '../../errors.ts';
import { networkFailure, type Opened, statusFailure, TransientError } from './faults.ts';

export type S3Access = Readonly<{
  /** What the AWS SDK calls an identity provider; absent: the SDK looks where it always does (environment, ~/.aws). */
  credentials?: () => Promise<
    Readonly<{
      accessKeyId: string;
      secretAccessKey: string;
      sessionToken?: string;
      expiration?: Date;
    }>
  >;
  /** Where to ask first; a bucket that is elsewhere is followed. */
  region?: string;
  /** Another store than AWS's own. */
  endpoint?: string;
}>;

export type S3SourceOptions = S3Access & Readonly<{ bucket: string; key: string; idleMs: number }>;

export function createS3Source(options: S3SourceOptions): Readonly<{
  open(signal: AbortSignal): Promise<Opened>;
  close(): void;
}> {
  const { bucket, key } = options;
  let client: S3Client | undefined;
  return {
    async open(signal) {
      const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
      client ??= new S3Client(clientOptions(options));
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body, ContentLength } = await client.send(command, { abortSignal: signal });
        if (!(Body instanceof Readable)) throw new TransientError('the answer has no body');
        return {
          body: Body,
          ...(ContentLength === undefined ? {} : { totalBytes: ContentLength }),
        };
      } catch (error) {
        throw failure(error, options);
      }
    },
    close() {
      client?.destroy();
    },
  };
}

function clientOptions({ credentials, region, endpoint, idleMs }: S3SourceOptions) {
  return {
    ...(credentials === undefined ? {} : { credentials }),
    region: region ?? 'us-east-1',
    followRegionRedirects: true,
    maxAttempts: 1,
    // Other stores than AWS's own may not know checksums.
    responseChecksumValidation: endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(5_000, idleMs),
      socketTimeout: idleMs,
    },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  } as const;
}

function failure(error: unknown, { bucket, key, endpoint, region }: S3SourceOptions): Error {
  if (error instanceof OnagerError || error instanceof TransientError) return error;
  const place = `s3://${bucket}/${key}`;
  if (!(error instanceof Error)) return new TransientError(String(error));
  const { name, message } = error;
  if (name === 'CredentialsProviderError') {
    const hint = `attach an instance profile whose role may s3:GetObject ${place}`;
    const sentence = `there are no AWS credentials to read ${place} with: ${message}`;
    return new OnagerError('NO_CREDENTIALS', sentence, { hint, cause: error });
  }
  const status = statusOf(error);
  if (status === undefined) return networkFailure(error, endpoint ?? 'S3');
  if (name === 'RequestTimeTooSkewed') return new TransientError(`this clock is wrong: ${message}`);
  if (status === 301 || status === 307 || name === 'AuthorizationHeaderMalformed') {
    const sentence = `the bucket "${bucket}" is not in ${region ?? 'us-east-1'}: ${message}`;
    const hint = 'launch in the region of the bucket, or copy the scenario to this one';
    return new OnagerError('SCENARIO_REFUSED', sentence, { hint, cause: error });
  }
  return statusFailure(status, place, name === message ? name : `${name}: ${message}`);
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== 'object' || $metadata === null) return undefined;
  const status = Reflect.get($metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}
