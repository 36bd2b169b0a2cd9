/** Puts one object, conditionally if the store supports that. */

import type { Readable } from 'node:stream';
import type { PutObjectCommand, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { type S3Connection, s3StatusOf } from '../../aws/s3.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import { type Condition, type Dialect, isUnsupported } from './dialect.ts';
import { notS3 } from './s3-errors.ts';

/** One object to put. `body` gives the same bytes each time it is called. */
export type Upload = Readonly<{
  key: string;
  size: number;
  sha256: string;
  contentType: string;
  body(): Buffer | Readable;
}>;

/**
 * What the key must hold for a put to succeed: nothing, the object with this ETag, or anything.
 */
export type Expected = 'absent' | 'anything' | Readonly<{ etag: string }>;

export type Put = Readonly<{ etag: string }>;

/** The user metadata that holds the SHA-256 of an object. */
export const shaKey = 'sha256';

/** If a store or a role does not support conditions, they are left out from then on. */
export function createPut(
  settings: PublishSettings,
  dialect: Dialect,
): (
  to: S3Connection,
  upload: Upload,
  expected: Expected,
  signal: AbortSignal,
) => Promise<'taken' | Put> {
  return async (to, upload, expected, signal) => {
    const send = async (on: Expected): Promise<Put> => {
      const input = inputOf(upload, on, { ...settings, withChecksum: dialect.sendsChecksums() });
      const command = signedAs(new to.sdk.PutObjectCommand(input), upload.sha256);
      const { ETag: etag } = await to.client.send(command, { abortSignal: signal });
      if (etag === undefined) throw notS3(`a put of ${upload.key} with 200, but without an ETag`);
      return { etag };
    };
    const condition = typeof expected === 'object' ? 'etag' : expected;
    if (condition === 'anything' || !dialect.does(condition)) return await send('anything');
    try {
      return await send(expected);
    } catch (error) {
      if (isTaken(error)) return 'taken';
      if (!isUnconditional(error, condition)) throw error;
    }
    const put = await send('anything');
    dialect.leaveOut(condition);
    return put;
  };
}

function inputOf(
  { key, body, size, sha256, contentType }: Upload,
  expected: Expected,
  { bucket, bucketOwner, kmsKey, withChecksum }: PublishSettings & { withChecksum: boolean },
): PutObjectCommandInput {
  return {
    Bucket: bucket,
    Key: key,
    Body: body(),
    ContentLength: size,
    ContentType: contentType,
    Metadata: { [shaKey]: sha256 },
    ...(withChecksum ? { ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') } : {}),
    ...(expected === 'absent' ? { IfNoneMatch: '*' } : {}),
    ...(typeof expected === 'object' ? { IfMatch: expected.etag } : {}),
    ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }),
    ...(kmsKey === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey }),
  };
}

/**
 * The sum is known: signed as it is, a body is neither read twice nor sent unsigned, and S3 refuses
 * any other bytes.
 */
function signedAs(command: PutObjectCommand, sha256: string): PutObjectCommand {
  command.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (isHttpRequest(request)) request.headers['x-amz-content-sha256'] = sha256;
      return next(args);
    },
    { step: 'build', name: 'knownSha256' },
  );
  return command;
}

function isHttpRequest(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

/** Also where an object that should be replaced is not there any more. */
function isTaken(error: unknown): boolean {
  const isGone = error instanceof Error && error.name === 'NoSuchKey';
  return s3StatusOf(error) === 412 || isGone;
}

/** To compare with the existing object, a role must be allowed to read it. */
function isUnconditional(error: unknown, condition: Condition): boolean {
  if (isUnsupported(error, /if-?match|none-?match|condition|not ?implemented/i)) return true;
  return condition === 'etag' && s3StatusOf(error) === 403;
}
