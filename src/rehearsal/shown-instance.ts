/** Which instance of a rehearsal is shown, and where its page is. */

import type { Terminal } from '../console/progress.ts';
import type { RunState } from '../run/state.ts';
import type { SimulatedInstance } from './instance.ts';
import type { Simulation } from './simulation.ts';

/** The instance that is shown: of several, the first one, until its state names the leader. */
export type ShownInstance = Readonly<{ now(): SimulatedInstance; learn(run: RunState): void }>;

export function createShown(instances: Simulation['instances']): ShownInstance {
  let [leader] = instances;
  return {
    now: () => leader,
    learn({ cluster }) {
      leader = instances.find(({ identity }) => identity.instanceId === cluster?.leader) ?? leader;
    },
  };
}

/** Shows where the page is, once it is up, and again where a restarted agent lost its port. */
export function announcer(shown: ShownInstance, terminal: Terminal): () => Promise<void> {
  let told: string | undefined;
  return async () => {
    const page = await pageOf(shown.now());
    if (page === undefined || page === told) return;
    terminal.write(`page: ${page}\n`);
    told = page;
  };
}

export async function pageOf({ identity, port }: SimulatedInstance): Promise<string | undefined> {
  const now = await port();
  return now === undefined ? undefined : `http://127.0.0.1:${now}/  key: ${identity.instanceId}`;
}
