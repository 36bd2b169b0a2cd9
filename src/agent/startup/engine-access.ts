/** How the agent reaches the engine's supervisor, and when it ends it. */

import { join } from 'node:path';
import { withdraw } from '../../engine/handover/withdrawal.ts';
import { createLauncher } from '../../engine/launcher/child.ts';
import { createSystemdLauncher } from '../../engine/launcher/systemd.ts';
import { isThere } from '../../files/files.ts';
import { wait } from '../../retry.ts';
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

/** How long the engine may take to end in good order once its agent is abandoned. */
const graceMs = 2_000;
/** The kernel takes a while to end a process that waits for a disk. */
const killMs = 10_000;

/** An abandoned agent ends its engine and outlives it; one that was told to end does not. */
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
    if (await endsWithin(graceMs, launcher, engineDir)) return;
    await launcher.kill(engineDir);
    await endsWithin(killMs, launcher, engineDir);
    await launcher.reap(engineDir);
  };
}

async function endsWithin(
  limitMs: number,
  launcher: Run['launcher'],
  engineDir: string,
): Promise<boolean> {
  const stepMs = 50;
  const { signal } = new AbortController();
  for (let leftMs = limitMs; leftMs > 0; leftMs -= stepMs) {
    // What the engine has written over cannot be known: its supervisor has been asked.
    const status = await launcher.status(engineDir).catch(() => 'unknown');
    if (status !== 'running') return true;
    await wait(stepMs, signal);
  }
  return false;
}
