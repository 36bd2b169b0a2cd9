/** Records what the run waits for, since when, until when, and the last answer. */

import type { Awaited as AwaitedNow } from '../run/state.ts';
import type { FetchProgress } from '../scenario/fetch/fetch.ts';
import type { Run } from './run.ts';

/** `limitMs` counts from the start of the wait, `leftMs` from now. */
type Wait = Readonly<{
  what: string;
  lastAnswer?: string;
  limitMs?: number;
  leftMs?: number;
}>;

/** A deadline that moves by less is not recorded again, because that writes run.json. */
const sameEndMs = 10_000;

/** `since` is the time of the first call for a wait; later calls for the same one keep it. */
export async function noteWait(
  { now, store }: Pick<Run, 'now' | 'store'>,
  { what, lastAnswer, limitMs, leftMs }: Wait,
): Promise<void> {
  const { awaiting } = store.current();
  const before = awaiting?.what === what ? awaiting : undefined;
  const since = before?.since ?? now().toISOString();
  const end = (fromMs: number, ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : endOf(before, fromMs + ms);
  const until = end(Date.parse(since), limitMs) ?? end(now().getTime(), leftMs);
  if (before !== undefined && before.lastAnswer === lastAnswer && before.until === until) return;
  await store.note({
    awaiting: {
      what,
      since,
      ...(until === undefined ? {} : { until }),
      ...(lastAnswer === undefined ? {} : { lastAnswer }),
    },
  });
}

/** The wait for a fetch, with the reason of the last failure until bytes arrive. */
export function fetchWait(
  address: string,
  { lastProblem, leftMs, receivedBytes }: FetchProgress,
): Wait {
  const hasFailed = receivedBytes === 0 && lastProblem !== undefined;
  const lastAnswer = hasFailed ? { lastAnswer: lastProblem.message } : {};
  return { what: scenarioFrom(address), leftMs, ...lastAnswer };
}

export function scenarioFrom(address: string): string {
  return `the scenario from ${address}`;
}

function endOf(before: AwaitedNow | undefined, endMs: number): string {
  const told = before?.until;
  const isSame = told !== undefined && Math.abs(Date.parse(told) - endMs) < sameEndMs;
  return isSame ? told : new Date(endMs).toISOString();
}
