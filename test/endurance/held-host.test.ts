/**
 * What goes wrong once in twenty runs: each way of counting in turn, with a supervisor that is
 * late.
 */
import { expect, it } from 'vitest';
import { type KindName, kinds, rehearseHeld } from '../support/held-host.ts';

const rounds = 5;
const holdsMs = [0, 80, 300, 500, 1_500];

it.each(
  Array.from({ length: rounds }, (_, round) =>
    (Object.keys(kinds) as KindName[]).map((kind) => ({ kind, holdMs: holdsMs[round] ?? 0 })),
  ).flat(),
)('counts exactly what the target served: $kind, held for $holdMs ms', async ({ kind, holdMs }) => {
  const { served, counted, outcome } = await rehearseHeld(kind, holdMs);
  console.log(`${kind}, held for ${holdMs} ms: target ${served}, report ${counted}`);
  expect({ counted, outcome }).toEqual({ counted: served, outcome: { kind: 'complete' } });
  expect(served).toBeGreaterThan(0);
});
