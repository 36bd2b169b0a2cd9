/** `onager engine` on the command line: its options, and what is built from them. */

import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../../log.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'runs an engine; started by the agent',
  operand: 'PLAN',
  options: {
    'prove-isolation': { type: 'boolean', help: "try what the engine's user must not reach" },
  },

  async run({ operand, options }, { signal }) {
    const { createLog } = await import('../../log.ts');
    const { runSupervisor } = await import('../../engine/supervisor/supervisor.ts');
    const { supervisedNamed } = await import('../../engine/supervised.ts');
    const log = createLog({ destinations: [process.stderr] });
    if (options['prove-isolation'] === true) void proveIsolation(operand, log);
    await runSupervisor({ planPath: operand, engines: supervisedNamed, log, signal });
    return 0;
  },
};

// Beside the engine's start, which it must not hold up.
async function proveIsolation(planPath: string, log: Log): Promise<void> {
  const { attempts, probeIsolation } = await import('../../engine/supervisor/isolation.ts');
  try {
    const engineDir = dirname(await realpath(planPath));
    const isolation = await probeIsolation(engineDir, attempts(dirname(engineDir)));
    log.info({ isolation }, 'isolation probed');
  } catch (error) {
    log.error({ err: error }, 'isolation not probed');
  }
}
