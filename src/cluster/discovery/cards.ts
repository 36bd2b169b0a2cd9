/**
 * Members that may write into the publish bucket leave a card there, which says where they are, and
 * look for the cards of others.
 *
 * Each writes its own object alone, and who leads is decided by votes: so nothing here needs
 * conditional writes, which not every store has.
 */

import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { type Bucket, openBucket } from '../../publish/bucket/bucket.ts';
import type { Listed } from '../../publish/bucket/look.ts';
import { object, parseWithSchema, text, wholeNumber } from '../../schema.ts';
import type { PublishSettings } from '../../settings/settings.ts';
import type { Self } from '../introductions.ts';

const schema = object({
  version: wholeNumber,
  address: text('an IPv4 address', isIPv4),
  startedAtMs: wholeNumber,
});

export type Cards = Readonly<{
  /** The addresses on the others' cards. */
  look(signal: AbortSignal): Promise<readonly string[]>;
  close(): void;
}>;

const maxBytes = 1_024;

/** A cluster of a `cluster.id` has the cards of earlier launches: members wait an hour at most. */
const oldMs = 2 * 3_600_000;

/** Cards to read at a time. */
const maxParallel = 8;

export function createCards(
  options: Omit<Parameters<typeof openBucket>[0], 'settings'> &
    Readonly<{ publish: PublishSettings; self: Self }>,
): Cards {
  const { publish, self, ...rest } = options;
  const bucket = openBucket({ ...rest, settings: publish });
  const folder = `${publish.prefix === '' ? '' : `${publish.prefix}/`}_cluster/${self.cluster}/`;
  const own = `${folder}${self.instanceId}.json`;
  const addresses = new Map<string, string>();
  let isPut = false;

  return {
    async look(signal) {
      if (!isPut) await putCard(bucket, own, self.address, signal);
      isPut = true;
      const others = recent(await bucket.list(folder, signal), own);
      const unread = others.filter(({ key }) => !addresses.has(key));
      for (let from = 0; from < unread.length; from += maxParallel) {
        const some = unread.slice(from, from + maxParallel);
        await Promise.all(
          some.map(async ({ key }) => {
            const address = addressIn(await bucket.read(key, maxBytes, signal));
            if (address !== undefined) addresses.set(key, address);
          }),
        );
      }
      return others.flatMap(({ key }) => addresses.get(key) ?? []);
    },
    close: bucket.close,
  };
}

async function putCard(
  bucket: Bucket,
  key: string,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const json = Buffer.from(JSON.stringify({ version: 1, address, startedAtMs: Date.now() }));
  const sha256 = createHash('sha256').update(json).digest('hex');
  const upload = { key, size: json.length, sha256, contentType: 'application/json' };
  await bucket.put({ ...upload, body: () => json }, 'anything', signal);
}

/** By the clock of the store, against this member's own card. */
function recent(listed: readonly Listed[], own: string): readonly Listed[] {
  const mine = listed.find(({ key }) => key === own);
  return listed.filter(
    ({ key, modifiedAtMs }) =>
      key !== own && (mine === undefined || modifiedAtMs > mine.modifiedAtMs - oldMs),
  );
}

function addressIn(card: Buffer | undefined): string | undefined {
  try {
    const json = card?.toString('utf8') ?? '';
    return parseWithSchema(schema, json, { unknownFields: 'kept' }).address;
  } catch {
    // Of another version, or not a card.
    return undefined;
  }
}
