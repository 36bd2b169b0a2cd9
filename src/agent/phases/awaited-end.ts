/** Records that the run waits for the engine's end, which is planned, requested or overdue. */

import type { Plan } from '../../engine/engine.ts';
import { readFired } from '../../engine/handover/process-file.ts';
import { waitAwake } from '../../retry.ts';
import type { Run } from '../run.ts';

/**
 * Ends with the signal, when the engine has ended; never rejects. `asked` resolves when somebody
 * requests the end.
 */
export async function nameEnd(
  { folder, now, store }: Pick<Run, 'folder' | 'now' | 'store'>,
  { limits: { durationMs } }: Pick<Plan, 'limits'>,
  { asked, signal }: Readonly<{ asked: Promise<unknown>; signal: AbortSignal }>,
): Promise<void> {
  const fired = await readFired(folder.engineDir).catch(() => undefined);
  const sinceMs = Math.min(Date.parse(fired?.firedAt ?? '') || Infinity, now().getTime());
  const untilMs = sinceMs + durationMs;
  let isLate = false;
  const name = async (what: string, since: Date, until?: Date): Promise<void> => {
    if (signal.aborted) return;
    const limit = until === undefined ? {} : { until: until.toISOString() };
    await store.note({ awaiting: { what, since: since.toISOString(), ...limit } });
  };
  void asked.then(async () => {
    if (!isLate) await name('the end of the engine, which was requested', now());
    isLate = true;
  });
  await name('the end of the load', new Date(sinceMs), new Date(untilMs));
  // Measured by the monotonic clock: the time of day may be set meanwhile.
  await waitAwake(untilMs - now().getTime(), signal).catch(() => undefined);
  if (!isLate) await name('the end of the engine, whose time is up', now());
  isLate = true;
}
