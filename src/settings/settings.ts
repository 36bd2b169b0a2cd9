/** The settings of a run as the agent uses them: checked, with defaults, in base units. */

import type { SloRule } from '../slo/rule.ts';

export type Settings = Readonly<{
  /** Where to fetch the scenario (s3:// or https://), if it is not in the user-data itself. */
  scenario?: Readonly<{ from: string; sha256?: string }>;
  engine?: string;
  entry?: string;
  vars: Readonly<Record<string, string>>;
  limits: Readonly<{ durationMs: number; drainMs: number; unpackedBytes: number; files: number }>;
  load?: LoadOverride;
  samples: boolean | 'rows';
  /** How requests are named whose URL holds a variable. */
  names: 'template' | 'url';
  /** Whether targets must have certificates that this machine trusts. */
  tls: Readonly<{ verify: boolean }>;
  slo: readonly SloRule[];
  report: Readonly<{ access: Access }>;
  publish?: PublishSettings;
  cluster?: ClusterSettings;
  /** Whether it may fire in an Auto Scaling group, which replaces instances that end. */
  asg: boolean;
  after: Readonly<{ action: 'serve' | 'stop' | 'terminate'; delayMs: number }>;
  lifetimeMs: number;
}>;

/**
 * A part of a scenario's own load, for a trial. `durationMs`: when it ends, users that are still
 * running included. `scale`: which share of the users arrives in the same time, above 0 and up to
 * 1; users that the scenario starts one by one are not scaled.
 */
export type LoadOverride = Readonly<{ durationMs?: number; scale?: number }>;

/** Who may see the page: those who know the instance id, those who know this key, or everyone. */
export type Access =
  | Readonly<{ kind: 'instance-id' }>
  | Readonly<{ kind: 'key'; key: string }>
  | Readonly<{ kind: 'public' }>;

/**
 * How many instances fire together. `id`: what they have in common, in place of what EC2 says.
 * `key`: a secret that only they have. `peers`: their addresses, as far as they are known.
 * `discover`: how they look for each other otherwise.
 */
export type ClusterSettings = Readonly<{
  size: number;
  timeoutMs: number;
  quorum: number;
  id?: string;
  key?: string;
  peers: readonly string[];
  discover: 'auto' | 'none' | 'subnet' | 'api' | 'bucket';
}>;

/** `prefix` has no slash at either end and may be empty. */
export type PublishSettings = Readonly<{
  bucket: string;
  prefix: string;
  region?: string;
  endpoint?: string;
  kmsKey?: string;
  bucketOwner?: string;
}>;

/** A setting that is safe to show. `value`: YAML text, secrets redacted; `source`: its origin. */
export type ShownSetting = Readonly<{ key: string; value: string; source: string }>;
