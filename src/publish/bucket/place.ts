/**
 * Puts an object conditionally, so that a late upload of a killed agent cannot replace it.
 */

import type { Bucket, Head } from './bucket.ts';
import type { Expected, Upload } from './put.ts';
import { S3FailureError } from './s3-errors.ts';

/**
 * Returns the object's ETag. If the same bytes are there already, they count as put: the answer to
 * an earlier attempt was lost, or the agent that sent it has died. Any other object is replaced if
 * it is still the one that was seen.
 */
export async function place(
  bucket: Bucket,
  upload: Upload,
  expected: Expected,
  signal: AbortSignal,
): Promise<string> {
  const put = await bucket.put(upload, expected, signal);
  if (put !== 'taken') return put.etag;
  const there = await bucket.head(upload.key, signal);
  if (typeof there === 'object' && isSame(there, upload)) return there.etag;
  const seen = { hidden: 'anything', absent: 'absent' } as const;
  const again = await bucket.put(upload, typeof there === 'object' ? there : seen[there], signal);
  if (again !== 'taken') return again.etag;
  throw new S3FailureError(
    {
      scope: 'object',
      problem: {
        code: 'BUCKET_REFUSED',
        message: `something else changes ${upload.key} at the same time`,
        hint: 'Onager retries; check that nothing else writes there',
      },
    },
    undefined,
  );
}

/** A bucket that keeps no metadata leaves the size to compare. */
export function isSame(
  head: Exclude<Head, string>,
  { size, sha256 }: Pick<Upload, 'size' | 'sha256'>,
): boolean {
  return head.size === size && (head.sha256 ?? sha256) === sha256;
}
