/**
 * Members that may write into the publish bucket leave a card there, which says where they are, and
 * look for the cards of others. The name of a card says it all: one list is enough for any number.
 *
 * Each writes its own object alone, and who leads is decided by votes: so nothing here needs
 * conditional writes, which not every store has.
 */

import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { type Bucket, openBucket } from '../../publish/bucket/bucket.ts';
import type { Listed } from '../../publish/bucket/list.ts';
import { S3FailureError } from '../../publish/bucket/s3-errors.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import type { Self } from './introductions.ts';

type CardsOptions = Omit<Parameters<typeof openBucket>[0], 'settings'> &
  Readonly<{ publish: PublishSettings; self: Self }>;

export type Cards = Readonly<{
  /** The addresses on the others' cards. */
  look(signal: AbortSignal): Promise<readonly string[]>;
  close(): void;
}>;

/** With `cluster.id`, cards of earlier launches are there too: members wait an hour at most. */
const oldMs = 2 * 3_600_000;

export function createCards({ publish, self, ...rest }: CardsOptions): Cards {
  const bucket = openBucket({ ...rest, settings: publish });
  const folder = `${publish.prefix === '' ? '' : `${publish.prefix}/`}_cluster/${self.cluster}/`;
  const own = `${folder}${self.instanceId}_${self.address}.json`;
  let isPut = false;
  return {
    async look(signal) {
      if (!isPut) await putCard(bucket, own, self, signal);
      isPut = true;
      const all = await cardsIn(bucket, folder, publish, signal);
      return recent(all, own).flatMap(({ key }) => addressIn(key) ?? []);
    },
    close: bucket.close,
  };
}

/** Again at each start: its time is that of this start. What is in it is for people. */
async function putCard(bucket: Bucket, key: string, self: Self, signal: AbortSignal) {
  const json = Buffer.from(JSON.stringify(self));
  const sha256 = createHash('sha256').update(json).digest('hex');
  const upload = { key, size: json.length, sha256, contentType: 'application/json' };
  await bucket.put({ ...upload, body: () => json }, 'anything', signal);
}

/** A refused list has words of its own: other failures are told as those of writing. */
async function cardsIn(
  bucket: Bucket,
  folder: string,
  publish: PublishSettings,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  try {
    return await bucket.list(folder, signal);
  } catch (error) {
    const isDenied =
      error instanceof S3FailureError && error.failure.problem.code === 'BUCKET_ACCESS_DENIED';
    if (!isDenied) throw error;
    const message = `listing it is not allowed; the role needs s3:ListBucket on arn:aws:s3:::${publish.bucket}`;
    throw new Error(message, { cause: error });
  }
}

/** By the clock of the store, against this member's own card. */
function recent(listed: readonly Listed[], own: string): readonly Listed[] {
  const since = (listed.find(({ key }) => key === own)?.modifiedAtMs ?? oldMs) - oldMs;
  return listed.filter(({ key, modifiedAtMs }) => key !== own && modifiedAtMs >= since);
}

function addressIn(key: string): string | undefined {
  const address = /_([\d.]{7,15})\.json$/.exec(key)?.[1] ?? '';
  return isIPv4(address) ? address : undefined;
}
