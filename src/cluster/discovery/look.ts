/** Looks again and again where members are, at growing intervals, and tells why it cannot. */

import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { backOff, wait } from '../../retry.ts';

/**
 * Who says where members are. `isAsked`: the user wants it to be asked, and is told why it fails;
 * otherwise the log alone is. `beginMs`: at most before the first look, so that not all members
 * look at once.
 */
export type MemberSource = Readonly<{
  name: string;
  isAsked: boolean;
  beginMs: number;
  firstMs: number;
  capMs: number;
  look(signal: AbortSignal): Promise<void>;
}>;

type LookOptions = Readonly<{
  isNeeded(): boolean;
  onFirst(): void;
  log: Log;
  onHint(text: string): void;
}>;

/** Runs until it is aborted. */
export async function keepLooking(
  { name, isAsked, beginMs, firstMs, capMs, look }: MemberSource,
  { isNeeded, onFirst, log, onHint }: LookOptions,
  signal: AbortSignal,
): Promise<never> {
  const told = new Set<string>();
  await wait(Math.random() * beginMs, signal);
  for (const delayMs of backOff({ firstMs, capMs })) {
    try {
      if (isNeeded()) await look(signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = messageOf(error);
      log[told.has(why) ? 'debug' : 'info']({ source: name, why }, 'members are not found by it');
      if (isAsked && !told.has(why)) onHint(`members are not found by ${name}: ${why}`);
      told.add(why);
    }
    onFirst();
    await wait(delayMs, signal);
  }
  throw new Error('there is always a next delay');
}
