/** How the agent reaches the engine's supervisor, and when it ends it. */

import { join } from 'node:path';
import { withdraw } from '../../engine/handover/withdrawal.ts';
import { createLauncher } from '../../engine/launcher/child.ts';
import { createSystemdLauncher } from '../../engine/launcher/systemd.ts';
import { isThere } from '../../files/files.ts';
import type { Run } from '../run.ts';
import type { AgentOptions } from './options.ts';

export type EngineAccess = Pick<Run, 'launcher' | 'sharedGroupDir'>;

export function engineAccess({
  engineCommand: command,
  engineEnv: env,
  engineUnit: unit,
  stateDir,
}: AgentOptions): EngineAccess {
  if (unit === undefined) return { launcher: createLauncher({ command, env }) };
  return {
    launcher: createSystemdLauncher({ unit, planLink: join(stateDir, 'plan') }),
    sharedGroupDir: join(stateDir, 'shared'),
  };
}

/** An abandoned agent stops its engine; one that was told to end does not. */
export function endWith(
  options: AgentOptions,
  launcher: Run['launcher'],
  engineDir: string,
): () => Promise<void> {
  return async () => {
    // Without a prepared engine, no supervisor can be about to fire.
    if (options.abandoned?.aborted !== true || !isThere(engineDir)) return;
    // A supervisor may be about to fire.
    await withdraw(engineDir).catch(() => undefined);
    await launcher.stop(engineDir);
  };
}
