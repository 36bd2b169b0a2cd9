/** The cluster of a run as its phases use it. */

import type { Follower } from '../../cluster/following/follower.ts';
import type { Membership } from '../../cluster/gathering/agreement.ts';
import type { Leader } from '../../cluster/leading/leader.ts';
import type { LoadShare, Outcome } from '../../engine/engine.ts';
import type { Settings } from '../../settings/settings.ts';

/** What is installed here, in words. */
export type Versions = Readonly<{ engine: string; runtime: string }>;

/** This member's part in a cluster that has agreed: it leads, or follows who leads. */
export type ClusterLink = Readonly<{
  membership: Membership;
  share: LoadShare;
  /** One of the two is there. */
  leader?: Leader;
  follower?: Follower;
  /** This member can fire now: resolves with the time at which all do, by its own clock. */
  ready(signal: AbortSignal): Promise<number>;
  /** This member's own load has ended. */
  ended(outcome: Outcome): void;
}>;

export type ClusterAccess = AsyncDisposable &
  Readonly<{
    /** Resolves when the members have agreed; undefined where there is only one. */
    join(
      settings: Settings,
      versions: Versions,
      signal: AbortSignal,
    ): Promise<ClusterLink | undefined>;
    /**
     * @throws OnagerError CLUSTER_SIZE_UNSET: launched with others, and not told with how many;
     * CLUSTER_OVER_SIZE: with more than it was told
     */
    refuseUnsized(settings: Settings): void;
    /** Tells of others that were refused so, until the signal is aborted. Never rejects. */
    hearSiblings(settings: Settings, signal: AbortSignal): Promise<void>;
    /** Absent until the members have agreed. */
    current(): ClusterLink | undefined;
    /** This member will not fire: the others are told why, also if it has not joined them. */
    fail(error: unknown, settings: Settings | undefined): void;
  }>;
