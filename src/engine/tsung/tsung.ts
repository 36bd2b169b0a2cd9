/** Tsung as an engine. */

import type { Engine } from '../engine.ts';
import capacity from './capacity.json' with { type: 'json' };
import { type ScenarioReader, startReader, throwIfBroken } from './check/reader/ask.ts';
import { createResolve, resolveBySystem } from './check/resolve.ts';
import { detectTsung } from './detect.ts';
import { readOutput } from './output/read.ts';
import { prepareScenario } from './prepare.ts';
import { erlangRelease, findInstall } from './run/install.ts';
import { makeNativeReport } from './run/native-report.ts';
import { outcomeOf, warningsOf } from './run/outcome.ts';
import { supervisedTsung } from './supervised.ts';

export const tsung: Engine = {
  ...supervisedTsung,

  capacity,

  detect: detectTsung,

  prepare: async (...asked) => await prepareBy(undefined, ...asked),

  standBy(signal) {
    const started = findInstall().then((install) => startReader(install, signal));
    // A preparation says what is missing; without one it does not matter.
    started.catch(() => undefined);
    return { prepare: async (...asked) => await prepareBy(await started, ...asked) };
  },

  async version(signal) {
    const install = await findInstall();
    await throwIfBroken(install, signal);
    return { engine: install.version, runtime: await erlangRelease(install) };
  },

  read: (output, plan, signal) => readOutput(output, plan.sampling, signal),

  outcome: outcomeOf,
  warnings: warningsOf,

  async nativeReport(output, into, signal) {
    return await makeNativeReport(await findInstall(), output, into, signal);
  },
};

/** `reader`: has been started, and is waiting. */
async function prepareBy(
  reader: ScenarioReader | undefined,
  ...[scenario, machine, limits, { signal, patience, load, share }]: Parameters<Engine['prepare']>
): ReturnType<Engine['prepare']> {
  const install = await findInstall();
  const resolve = createResolve(resolveBySystem, patience);
  const given = { scenario, machine, limits, patience, load, share, signal };
  return await prepareScenario({ ...given, install, resolve, reader });
}
