/** Looks at what is in the bucket: lists keys, and reads small objects. */

import { Readable } from 'node:stream';
import { type S3Connection, s3StatusOf } from '../../aws/s3.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import { notS3 } from './s3-errors.ts';

/** An object of a list. `modifiedAtMs`: by the clock of the store. */
export type Listed = Readonly<{ key: string; modifiedAtMs: number }>;

type Place = Pick<PublishSettings, 'bucket' | 'bucketOwner'>;

/** A page has a thousand keys. */
const maxPages = 5;

export async function listObjects(
  { sdk, client }: S3Connection,
  { bucket, bucketOwner }: Place,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let from: { ContinuationToken?: string } = {};
  for (let page = 0; page < maxPages; page++) {
    const input = { Bucket: bucket, Prefix: prefix, ...ownedBy(bucketOwner), ...from };
    const answer = await client.send(new sdk.ListObjectsV2Command(input), { abortSignal });
    for (const { Key: key, LastModified } of answer.Contents ?? [])
      if (key !== undefined) found.push({ key, modifiedAtMs: LastModified?.getTime() ?? 0 });
    const { NextContinuationToken: token } = answer;
    if (token === undefined) break;
    from = { ContinuationToken: token };
  }
  return found;
}

/** Undefined: there is no such object. */
export async function readObject(
  { sdk, client }: S3Connection,
  { bucket, bucketOwner }: Place,
  { key, maxBytes }: Readonly<{ key: string; maxBytes: number }>,
  abortSignal: AbortSignal,
): Promise<Buffer | undefined> {
  const input = { Bucket: bucket, Key: key, ...ownedBy(bucketOwner) };
  try {
    const { Body } = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
    if (!(Body instanceof Readable)) throw notS3(`a request for ${key} without a body`);
    return await bounded(Body, maxBytes);
  } catch (error) {
    if (s3StatusOf(error) === 404) return undefined;
    throw error;
  }
}

async function bounded(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop early destroys the body, and with it the connection.
    if (size > maxBytes) throw new Error(`the object has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function ownedBy(bucketOwner: string | undefined): { ExpectedBucketOwner?: string } {
  return bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner };
}
