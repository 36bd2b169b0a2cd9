/**
 * Finds the other members of the cluster: by the addresses that the user gives, the EC2 API, the
 * bucket, and a question to every address of the subnet.
 */

import type { CredentialsProvider } from '../../aws/credentials.ts';
import type { Imds } from '../../aws/imds.ts';
import type { Network } from '../../aws/network.ts';
import type { Log } from '../../log.ts';
import type { ClusterSettings, PublishSettings } from '../../settings/settings.ts';
import type { AskMember } from '../ask-member.ts';
import type { ClusterId } from '../identity.ts';
import type { Introductions, Self } from '../introductions.ts';
import type { Roster } from '../roster.ts';

export type DiscoverOptions = Readonly<{
  settings: ClusterSettings;
  cluster: ClusterId;
  self: Self;
  network: Network;
  region: string;
  imds: Pick<Imds, 'peek'>;
  /** Of the instance's role; rejects where there is none. */
  credentials: CredentialsProvider;
  publish?: PublishSettings | undefined;
  /** Of the EC2 API, in place of the region's own. */
  ec2Endpoint?: string | undefined;
  introductions: Pick<Introductions, 'greet'>;
  /** With the key that admits members. */
  ask: AskMember['ask'];
  roster: Pick<Roster, 'members' | 'introduce'>;
  log: Log;
  /** A sentence for the user: why members may not be found, and what to do. */
  onHint(text: string): void;
}>;

/**
 * Runs until it is aborted, also when all members are found, and rejects with the reason of that
 * only. Whatever else fails is told.
 */
export async function discover(options: DiscoverOptions, signal: AbortSignal): Promise<void> {
  options.log.info({ discover: options.settings.discover }, 'looking for other members');
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  signal.throwIfAborted();
  await promise;
}
