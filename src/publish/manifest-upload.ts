/** Uploads the manifest: once, last, never over another one, and checks it afterwards. */

import type { Bucket } from './bucket/bucket.ts';
import { isSame } from './bucket/place.ts';
import type { Upload } from './bucket/put.ts';
import { S3FailureError } from './bucket/s3-errors.ts';
import { manifestKey, manifestText } from './manifest.ts';
import type { Route } from './route.ts';
import { sha256Of } from './uploads.ts';

/** Resolves once the bucket has the manifest; its name is in the ledger then. */
export async function placeManifest(
  { prefix, bucket, ledger, log }: Route,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const body = Buffer.from(manifestText(runId, ledger.data));
  const sha256 = sha256Of(body);
  const content = { size: body.length, sha256, contentType: 'application/json', body: () => body };
  for (let attempt = 1; ; attempt += 1) {
    const key = manifestKey(attempt);
    if (await isPlaced({ ...content, key: `${prefix}/${key}` }, bucket, signal)) {
      ledger.data.manifest = { key, size: body.length, sha256 };
      await ledger.save();
      return;
    }
    log.warn({ key }, 'another manifest has this name already, it is kept');
  }
}

/**
 * False: an object with other bytes has the name. The bucket is asked first, so that this also
 * works without conditional writes.
 */
async function isPlaced(upload: Upload, bucket: Bucket, signal: AbortSignal): Promise<boolean> {
  const before = await bucket.head(upload.key, signal);
  if (typeof before === 'object') return isSame(before, upload);
  const isNew = (await bucket.put(upload, 'absent', signal)) !== 'taken';
  const after = await bucket.head(upload.key, signal);
  // A role may be allowed only to write: then the answer to the put must suffice.
  if (after === 'hidden') return true;
  if (after !== 'absent' && isSame(after, upload)) return true;
  if (!isNew && after !== 'absent') return false;
  throw new S3FailureError(
    {
      scope: 'store',
      problem: {
        code: 'BUCKET_REFUSED',
        message: `the bucket accepted ${upload.key}, but holds something else`,
        hint: 'Onager retries; check that nothing else writes there',
      },
    },
    undefined,
  );
}
