/**
 * Requests to S3: the client of the AWS SDK, loaded when first needed, and what its errors mean.
 */

import type { S3Client } from '@aws-sdk/client-s3';
import type { CredentialsProvider } from './credentials.ts';

type S3ConnectionOptions = Readonly<{
  /** Absent: the SDK looks in its usual places (environment, ~/.aws). */
  credentials?: CredentialsProvider | undefined;
  region: string;
  /** An S3-compatible service other than AWS. */
  endpoint?: string | undefined;
  connectMs: number;
  /** How long a connection may be silent. */
  idleMs: number;
  maxAttempts: number;
  /** Whether the client itself follows a bucket to another region. */
  followRegionRedirects: boolean;
}>;

export type S3Connection = Readonly<{
  sdk: typeof import('@aws-sdk/client-s3');
  client: S3Client;
}>;

/** The region to try first if nothing says where the bucket is. */
export const fallbackRegion = 'us-east-1';

export async function connectToS3({
  credentials,
  endpoint,
  connectMs,
  idleMs,
  ...options
}: S3ConnectionOptions): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...options,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    // Uploads set their own SHA-256 if the service supports checksums at all.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // Services other than AWS may not support checksums.
    responseChecksumValidation: endpoint === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    // Otherwise it would write to the console; whatever matters arrives as an error.
    logger: { debug: ignored, info: ignored, warn: ignored, error: ignored },
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
  });
  return { sdk, client };
}

/** What an error of the SDK says. `status`: undefined if there was no answer at all. */
export type S3Answer = Readonly<{
  name: string;
  message: string;
  /** Name and message, without repeating one in the other. */
  words: string;
  status: number | undefined;
  /** The region the bucket says it is in. */
  region: string | undefined;
  /** The code of Node.js, such as `ECONNREFUSED`. */
  systemCode: string | undefined;
}>;

export function s3AnswerOf(error: unknown): S3Answer {
  const headers = field(field(error, '$response'), 'headers');
  const message = text(field(error, 'message')) ?? String(error);
  const name = text(field(error, 'Code')) ?? text(field(error, 'name')) ?? '';
  return {
    name,
    message,
    words: name === message ? name : `${name}: ${message}`,
    status: s3StatusOf(error),
    region:
      text(field(error, 'Region')) ??
      text(field(headers, 'x-amz-bucket-region')) ??
      /expecting '([a-z0-9-]+)'/.exec(message)?.[1],
    systemCode: text(field(error, 'code')) ?? text(field(field(error, 'cause'), 'code')),
  };
}

export function s3StatusOf(error: unknown): number | undefined {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

/** Whether an answer means that the bucket is in a region other than the one asked. */
export function isElsewhere({ name, status, region }: S3Answer, asked: string): boolean {
  return (
    status === 301 ||
    status === 307 ||
    name === 'PermanentRedirect' ||
    name === 'AuthorizationHeaderMalformed' ||
    (status === 400 && region !== undefined && region !== asked)
  );
}

function ignored(): void {}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
