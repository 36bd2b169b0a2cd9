/** `onager engine PLAN` with the engines of the tests, and with short waits. */

import { runSupervisor } from '../../src/engine/supervisor/supervisor.ts';
import { createLog } from '../../src/log.ts';
import { fakeEngine } from './fake-engine.ts';
import { scriptEngine } from './script-engine.ts';

const [planPath = ''] = process.argv.slice(2);
try {
  await runSupervisor({
    planPath,
    engines: (name) => [fakeEngine, scriptEngine].find((engine) => engine.name === name),
    log: createLog({ destinations: [process.stdout] }),
    timing: {
      diskEveryMs: 100,
      stalledEveryMs: 100,
      requestStopMs: 2_000,
      stopGraceMs: 5_000,
      termGraceMs: 500,
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 70;
}
