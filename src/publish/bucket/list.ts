/** Lists the objects of the bucket below a prefix. */

import type { S3Connection } from '../../aws/s3.ts';
import type { PublishSettings } from '../../settings/settings.ts';

/** `modifiedAtMs`: Unix time, by the clock of the store. */
export type Listed = Readonly<{ key: string; modifiedAtMs: number }>;

/** A page has a thousand keys. */
const maxPages = 5;

/** @throws the SDK's error */
export async function listObjects(
  { sdk, client }: S3Connection,
  { bucket, bucketOwner }: Pick<PublishSettings, 'bucket' | 'bucketOwner'>,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  const input = {
    Bucket: bucket,
    Prefix: prefix,
    ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }),
  };
  let from: { ContinuationToken?: string } = {};
  for (let page = 0; page < maxPages; page++) {
    const command = new sdk.ListObjectsV2Command({ ...input, ...from });
    const answer = await client.send(command, { abortSignal });
    for (const { Key: key, LastModified } of answer.Contents ?? [])
      if (key !== undefined) found.push({ key, modifiedAtMs: LastModified?.getTime() ?? 0 });
    const { NextContinuationToken: token } = answer;
    if (token === undefined) break;
    from = { ContinuationToken: token };
  }
  return found;
}
