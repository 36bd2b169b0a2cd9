/**
 * Says why a load ended early where the engine cannot know it: it only sees that somebody ended it.
 */

import type { Exit, Outcome } from '../engine/engine.ts';
import { readFired } from '../engine/handover/process-file.ts';
import { identify } from '../engine/processes.ts';
import type { Problem } from '../errors.ts';
import { interruptionOf } from './interruption.ts';
import type { Run } from './run.ts';

export async function explained(
  outcome: Outcome,
  exit: Exit,
  { folder, store }: Pick<Run, 'folder' | 'store'>,
): Promise<Outcome> {
  if (exit.reason !== 'stopped' && exit.reason !== 'lost') return outcome;
  const { interruption: first, stopAskedAt } = store.current();
  if (exit.reason === 'lost' && first?.code === 'ENGINE_HOST_STUCK')
    return { kind: 'interrupted', problem: first };
  if (stopAskedAt !== undefined) return outcome;
  const interruption = interruptionOf(store);
  if (interruption !== undefined) return { kind: 'interrupted', problem: interruption };
  const fired = await readFired(folder.engineDir).catch(() => undefined);
  if (fired !== undefined && fired.bootId !== identify(process.pid)?.bootId)
    return { kind: 'interrupted', problem: rebooted };
  return exit.reason === 'stopped' ? { kind: 'interrupted', problem: stoppedFromOutside } : outcome;
}

const rebooted: Problem = {
  code: 'ENGINE_INTERRUPTED',
  message: 'the machine was rebooted, or was stopped and started again, while the load ran',
  hint: 'a scenario is fired once, so it was not started again; what was measured until then is reported',
};

const stoppedFromOutside: Problem = {
  code: 'ENGINE_INTERRUPTED',
  message: 'the engine was stopped from outside of Onager while the load ran',
  hint: 'somebody stopped its service, or the machine was shutting down; what was measured until then is reported',
};
