/** What tests need to run the fake engine: a folder with a plan, a launcher, and a way to wait. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../src/engine/engine.ts';
import { readFired } from '../../src/engine/handover/process-file.ts';
import { createLauncher } from '../../src/engine/launcher/child.ts';
import type { Launcher } from '../../src/engine/launcher/launcher.ts';
import { endAll } from '../../src/engine/processes.ts';
import { fakePlan } from './fake-engine.ts';
import { temporaryFolder } from './temporary.ts';

const hostProgram = join(import.meta.dirname, 'fake-engine-host.ts');

export const fakeHostCommand = [process.execPath, hostProgram] as const;

export type FakeRun = Readonly<{
  dir: string;
  planPath: string;
  launcher: Launcher;
  /** Every process that the fake engine reports: its own and those that it has started. */
  pids(): Promise<readonly number[]>;
  dispose(): Promise<void>;
}>;

export async function fakeRun(
  mode: string,
  { env = {}, limits, plan = {} }: FakeRunOptions = {},
): Promise<FakeRun> {
  const dir = await temporaryFolder('engine');
  const planPath = join(dir, 'plan.json');
  const made = fakePlan({ mode, outputDir: dir, env, ...(limits === undefined ? {} : { limits }) });
  await writeFile(planPath, JSON.stringify({ ...made, ...plan }));
  return {
    dir,
    planPath,
    launcher: createLauncher({ command: fakeHostCommand, env: {} }),
    async pids() {
      const text = await readFile(join(dir, 'pids'), 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean).map(Number);
    },
    async dispose() {
      const fired = await readFired(dir).catch(() => undefined);
      if (fired !== undefined) await endAll({ marker: fired.marker }, { graceMs: 0 });
    },
  };
}

type FakeRunOptions = Readonly<{
  env?: Record<string, string>;
  limits?: Plan['limits'];
  plan?: Partial<Plan>;
}>;

/** Asks until there is an answer; if it never comes, the error says what was missing. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 20_000,
): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
