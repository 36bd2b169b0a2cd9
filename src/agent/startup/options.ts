/** What an agent is started with. */

import type { PowerOff } from '../../lifetime/power-off.ts';
import type { Address } from '../../web/listen.ts';

export type AgentOptions = Readonly<{
  version: string;
  stateDir: string;
  imageSettingsPath: string;
  /** Variables that are set for every scenario: one that does not use them is not warned of. */
  offeredVars?: readonly string[];
  /** The one metadata endpoint to use in the place of EC2's own addresses. */
  metadataEndpoint?: string;
  /** Where the page is served. */
  address: Address;
  pageTemplate: string;
  /** The command that runs an engine; the path of a plan is added to it. */
  engineCommand: readonly [string, ...string[]];
  /** The environment of engines and of their supervisor. */
  engineEnv: Readonly<Record<string, string>>;
  /** The systemd unit that runs the engine, as another user, in the place of a child process. */
  engineUnit?: string;
  /** What systemd, where it started this process, wants to be told and how. */
  notifyEnv?: Readonly<Record<string, string | undefined>>;
  /** Switches the machine off; without it the agent only says when it would. */
  powerOff?: PowerOff;
  /** Makes the system's own lifetime timer count from now. */
  armTimer?(): Promise<void>;
  /**
   * Where lines for people go: a file such as /dev/console, or `-` for standard output; then the
   * log goes to standard error.
   */
  console?: string;
  /** Aborted: whoever started this agent is gone; it ends, and the engine with it. */
  abandoned?: AbortSignal;
  /** Whether the engine's supervisor must prove that it is isolated. */
  provesIsolation?: boolean;
  signal: AbortSignal;
}>;
