/** The settings of a run, as the rest of the agent sees them: checked, with defaults, in base units. */

import type { SloRule } from '../slo/rule.ts';

export type Settings = Readonly<{
  /** Where the scenario is to be fetched from (s3:// or https://), when it is not in the user-data itself. */
  scenario?: Readonly<{ from: string; sha256?: string }>;
  engine?: string;
  entry?: string;
  vars: Readonly<Record<string, string>>;
  limits: Readonly<{ durationMs: number; drainMs: number; unpackedBytes: number; files: number }>;
  samples: boolean;
  slo: readonly SloRule[];
  report: Readonly<{ access: Access }>;
  publish?: PublishSettings;
  cluster?: Readonly<{ size: number; timeoutMs: number; quorum: number }>;
  after: Readonly<{ action: 'serve' | 'stop' | 'terminate'; delayMs: number }>;
  lifetimeMs: number;
}>;

/** Who may see the page: whoever knows the instance id, whoever knows this key, or everybody. */
export type Access =
  | Readonly<{ kind: 'instance-id' }>
  | Readonly<{ kind: 'key'; key: string }>
  | Readonly<{ kind: 'public' }>;

/** `prefix` has no slash at either end and may be empty. */
export type PublishSettings = Readonly<{
  bucket: string;
  prefix: string;
  region?: string;
  endpoint?: string;
  kmsKey?: string;
  bucketOwner?: string;
}>;

/** One setting as it may be shown to anybody: `value` as YAML text, secrets redacted; `source`: where it came from. */
export type ShownSetting = Readonly<{ key: string; value: string; source: string }>;
