/** The options of an agent. */

import type { PowerOff } from '../../lifetime/power-off.ts';
import type { Address } from '../../web/listen.ts';

export type AgentOptions = Readonly<{
  version: string;
  stateDir: string;
  imageSettingsPath: string;
  /** Variables that are set for every scenario: there is no warning if they are unused. */
  offeredVars?: readonly string[];
  /** The only metadata endpoint to use, instead of EC2's own addresses. */
  metadataEndpoint?: string;
  /** Where the page is served. */
  address: Address;
  pageTemplate: string;
  /** The command that runs an engine; the path of a plan is added to it. */
  engineCommand: readonly [string, ...string[]];
  /** The environment of engines and of their supervisor. */
  engineEnv: Readonly<Record<string, string>>;
  /** The systemd unit that runs the engine as another user, instead of a child process. */
  engineUnit?: string;
  /** The environment by which systemd asks for notifications, if it started this process. */
  notifyEnv?: Readonly<Record<string, string | undefined>>;
  /** Powers the machine off; without it, the agent only says when it would. */
  powerOff?: PowerOff;
  /** Restarts the system's own lifetime timer. */
  armTimer?(): Promise<void>;
  /**
   * Where to write lines for people: a file such as /dev/console, or `-` for standard output. With
   * `-`, the log goes to standard error.
   */
  console?: string;
  /** Aborted when the program that started this agent is gone: agent and engine end. */
  abandoned?: AbortSignal;
  /** Whether the engine's supervisor must prove that it is isolated. */
  provesIsolation?: boolean;
  signal: AbortSignal;
}>;
