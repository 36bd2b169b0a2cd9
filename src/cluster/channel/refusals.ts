/** Writes into the log who was refused at the members' port: a few lines, however many come. */

import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import type { Introductions } from '../discovery/introductions.ts';

type RefusalsOptions = Readonly<{
  /** Connections of which the handshake failed. */
  port: Readonly<{ refused(): number }>;
  introductions: Pick<Introductions, 'refused'>;
  log: Log;
  /** How long after a line there is no other. */
  everyMs?: number;
}>;

const lookEveryMs = 1_000;

/** Resolves when the signal is aborted. */
export async function logRefusals(
  { port, introductions, log, everyMs = 60_000 }: RefusalsOptions,
  signal: AbortSignal,
): Promise<void> {
  let told = '';
  while (!signal.aborted) {
    const counts = { handshakes: port.refused(), ...introductions.refused() };
    const text = JSON.stringify(counts);
    const isAny = Object.values(counts).some((count) => count > 0);
    if (isAny && text !== told) {
      told = text;
      log.warn(counts, 'connections and datagrams to the port of the members were refused');
      await wait(everyMs, signal).catch(() => {});
    } else {
      await wait(lookEveryMs, signal).catch(() => {});
    }
  }
}
