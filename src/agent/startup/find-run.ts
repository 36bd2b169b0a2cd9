/** Finds out which instance this is, and opens the folder of its run. */

import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../../aws/identity.ts';
import { createImds, type Imds } from '../../aws/imds.ts';
import { OnagerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import type { RunFolder } from '../../run/folder.ts';
import { openRun } from '../../run/open.ts';
import type { RunStore } from '../../run/store.ts';
import type { Core } from './core.ts';
import type { AgentOptions } from './options.ts';

export type FoundRun = Readonly<{ imds: Imds; instance: Identity; folder: RunFolder }>;

/** How long to wait before asking again, if the metadata service says that it is switched off. */
const disabledPauseMs = 15_000;

export async function findRun(
  { metadataEndpoint, stateDir }: AgentOptions,
  { log, store }: Pick<Core, 'log' | 'store'>,
  signal: AbortSignal,
): Promise<FoundRun> {
  const imds = createMetadataClient(metadataEndpoint, store, log);
  const instance = await identify(imds, store, signal);
  const runsDir = join(await realpath(stateDir), 'runs');
  const folder = await openRun(runsDir, { instance, imds, store, signal });
  return { imds, instance, folder };
}

function createMetadataClient(endpoint: string | undefined, store: RunStore, log: Log): Imds {
  return createImds({
    ...(endpoint === undefined ? {} : { baseUrls: [endpoint] }),
    log: log.child({ stage: 'boot' }),
    onWaiting: (awaiting) => {
      void store.note({ awaiting });
    },
  });
}

// A metadata service can be switched on while the instance runs: report that it is off, and retry.
async function identify(imds: Imds, store: RunStore, signal: AbortSignal): Promise<Identity> {
  for (;;) {
    try {
      return await imds.identity(signal);
    } catch (error) {
      if (!(error instanceof OnagerError) || error.code !== 'IMDS_DISABLED') throw error;
      const { awaiting } = store.current();
      await store.note({
        awaiting: {
          what: 'the instance metadata service',
          since: awaiting?.since ?? new Date().toISOString(),
          lastAnswer: `${error.message}; ${error.hint}`,
        },
      });
      await wait(disabledPauseMs, signal);
    }
  }
}
