/** The sources that say where members are, as far as the settings allow them. */

import type { CredentialsProvider } from '../../aws/credentials.ts';
import type { Imds } from '../../aws/imds.ts';
import type { Network } from '../../aws/network.ts';
import type { Log } from '../../log.ts';
import type { ClusterSettings, PublishSettings } from '../../settings/settings.ts';
import type { ClusterId } from '../identity.ts';
import { type Cards, createCards } from './cards.ts';
import { type Contacts, contactsPerSecond } from './contacts.ts';
import { describeInstances } from './instances.ts';
import type { Introductions, Self } from './introductions.ts';
import type { MemberSource } from './look.ts';
import type { DiscoveryPace } from './pace.ts';
import { readPeersTag } from './peers-tag.ts';

export type SourcesOptions = Readonly<{
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
  log: Log;
}>;

type MemberSources = Readonly<{
  all: readonly MemberSource[];
  /** Whether the user or EC2 has said where members are: then the subnet need not be asked. */
  knowWhere(): boolean;
  [Symbol.dispose](): void;
}>;

export function createSources(
  options: SourcesOptions,
  { contacts, pace }: Readonly<{ contacts: Contacts; pace: DiscoveryPace }>,
): MemberSources {
  const { settings, self, network, region, imds, credentials, publish, log } = options;
  const uses = (way: 'api' | 'bucket'): boolean =>
    settings.discover === way || settings.discover === 'auto';
  const again = { beginMs: 0, firstMs: pace.firstLookMs, capMs: pace.lookCapMs };
  let isKnown = false;
  let cards: Cards | undefined;

  function name(addresses: readonly string[]): void {
    contacts.add(addresses);
    isKnown ||= addresses.length > 0;
  }

  const tag: MemberSource = {
    name: 'the tag onager:cluster.peers',
    isAsked: true,
    beginMs: 0,
    firstMs: pace.tagMs,
    capMs: pace.tagMs,
    async look(signal) {
      name(await readPeersTag(imds, signal));
    },
  };

  const api: MemberSource = {
    name: 'the EC2 API',
    isAsked: settings.discover === 'api',
    ...again,
    // The API serves an account some tens of these requests a second.
    beginMs: settings.size * 10,
    async look(signal) {
      const { cluster, introductions, ec2Endpoint: endpoint } = options;
      const asked = { cluster, vpcId: network.vpcId, region, credentials, endpoint };
      const found = await describeInstances(asked, signal);
      const others = found.filter(({ instanceId }) => instanceId !== self.instanceId);
      const addresses = others.map(({ address }) => address);
      if (cluster.kind !== 'cluster.id') return name(addresses);
      // Most are no members: a hello is all they get.
      isKnown ||= addresses.length > 0;
      await introductions.greet(addresses, { perSecond: contactsPerSecond }, signal);
    },
  };

  const bucket = (to: PublishSettings): MemberSource => ({
    name: `the bucket "${to.bucket}"`,
    isAsked: settings.discover === 'bucket',
    ...again,
    async look(signal) {
      cards ??= createCards({ publish: to, self, credentials, defaultRegion: region, log });
      contacts.add(await cards.look(signal));
    },
  });

  name(settings.peers);
  return {
    all: [
      tag,
      ...(uses('api') ? [api] : []),
      ...(uses('bucket') && publish !== undefined ? [bucket(publish)] : []),
    ],
    knowWhere: () => isKnown,
    [Symbol.dispose]: () => cards?.close(),
  };
}
