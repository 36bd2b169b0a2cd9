/** Looks up the addresses of targets, repeatedly while the resolver may not be up yet. */

import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, messageOf } from '../../../errors.ts';
import { backOff, wait } from '../../../retry.ts';
import type { Patience } from '../../engine.ts';

/** The addresses of a name, or why there are none; rejects only with the signal. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[] | string>;

/** The addresses of a name; rejects if it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** How long a name is looked up without patience: a user at a terminal wants an answer. */
const brieflyMs = 5_000;

export async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/**
 * Without patience, "no such name" is final at once, and a resolver that does not answer is asked
 * for five seconds. With patience both are asked again: a resolver that has just come up may not
 * know yet which server to ask.
 */
export function createResolve(
  look: Lookup,
  patience?: Patience,
  pace = { firstMs: 250, capMs: 5_000 },
): Resolve {
  const { patienceMs, onWaiting } = { patienceMs: brieflyMs, onWaiting() {}, ...patience };
  return async (name, signal) => {
    const delays = backOff(pace);
    for (let waitedMs = 0; ; ) {
      const startedMs = performance.now();
      const answer = await lookInTime(look, name, Math.max(patienceMs - waitedMs, 1), signal);
      if (typeof answer !== 'string') return answer;
      const isFinal = answer === noSuchName && patience === undefined;
      // Only ten seconds of a long lookup count: this process may have been stopped meanwhile.
      waitedMs += Math.min(performance.now() - startedMs, maxCountedMs);
      if (isFinal || waitedMs >= patienceMs) return `${answer}${inWords(isFinal ? 0 : waitedMs)}`;
      const what = `an address of the target ${name}`;
      onWaiting({ what, limitMs: patienceMs, lastAnswer: answer });
      const delayMs = delays.next().value;
      await wait(delayMs, signal);
      waitedMs += delayMs;
    }
  };
}

const noSuchName = 'no such name';
const maxCountedMs = 10_000;

/** One lookup; the system's resolver gives up by itself after tens of seconds. */
async function lookInTime(
  look: Lookup,
  name: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  const timer = new AbortController();
  const late = sleep(limitMs, undefined, {
    signal: AbortSignal.any([signal, timer.signal]),
  }).then(() => 'the resolver does not answer');
  try {
    return await Promise.race([look(name), late]);
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, 'ENOTFOUND')) return noSuchName;
    if (hasCode(error, 'EAI_AGAIN')) return 'the resolver does not answer';
    return messageOf(error);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}

function inWords(waitedMs: number): string {
  return waitedMs === 0 ? '' : `; Onager kept asking for ${Math.round(waitedMs / 1_000)} s`;
}
