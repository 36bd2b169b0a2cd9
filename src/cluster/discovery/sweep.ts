/** Asks every address of the subnet whether a member is there: it needs nothing of the account. */

import type { Network } from '../../aws/network.ts';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import type { Introductions } from './introductions.ts';
import { readNeighbours } from './neighbours.ts';
import type { DiscoveryPace } from './pace.ts';
import { addressesToAsk, parseSubnet } from './subnet.ts';

type SweepOptions = Readonly<{
  network: Network;
  greet: Introductions['greet'];
  /** False: all members are there, or it is known where they are. */
  isNeeded(): boolean;
  pace: DiscoveryPace;
  random?: () => number;
  procDir?: string | undefined;
  log: Log;
  onHint(text: string): void;
}>;

/**
 * Whoever comes last finds all others with its first sweep; more are for datagrams that are lost.
 * Runs until it is aborted.
 */
export async function keepSweeping(options: SweepOptions, signal: AbortSignal): Promise<never> {
  const { network, isNeeded, pace, random = Math.random, onHint } = options;
  const subnet = parseSubnet(network.subnetCidr);
  let isTold = false;
  await wait(random() * pace.beginMs, signal);
  for (let sweeps = 0; ; sweeps++) {
    if (isNeeded() && subnet !== undefined) {
      await sweep(addressesToAsk(subnet, network.address, random), options, signal);
    } else if (isNeeded() && !isTold) {
      isTold = true;
      onHint(
        `the subnet ${network.subnetCidr} is not searched for members: only those from /18 to /28 are. Write their private addresses into the setting or tag cluster.peers`,
      );
    }
    const last = pace.sweepsMs.at(-1) ?? pace.sweepsMs[0];
    await wait(pace.sweepsMs[sweeps] ?? last, signal);
  }
}

async function sweep(
  addresses: readonly string[],
  { greet, isNeeded, procDir, log, onHint }: SweepOptions,
  signal: AbortSignal,
): Promise<void> {
  const { perSecond, overflows } = await readNeighbours(procDir);
  log.info({ addresses: addresses.length, perSecond }, 'asking the addresses of the subnet');
  let asked = 0;
  function* whileNeeded(): Generator<string> {
    for (const address of addresses) {
      if (!isNeeded()) return;
      asked += 1;
      yield address;
    }
  }
  await greet(whileNeeded(), { perSecond }, signal);
  const lost = (await readNeighbours(procDir)).overflows - overflows;
  log.info({ asked, lost }, 'the addresses of the subnet are asked');
  if (lost > 0)
    onHint(
      `the kernel's table of neighbours was full ${lost} times while the subnet was asked, so members may not have been found: sysctl -w net.ipv4.neigh.default.gc_thresh3=32768`,
    );
}
