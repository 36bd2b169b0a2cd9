/**
 * What Tsung does by way of Erlang's libraries works with the installed pair of both, whatever it
 * is: what was fired is what the target counted.
 */

import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { runTsungIn, scenario } from '../../../../support/tsung-run.ts';
import { sessionsFor, startTargetOf, type TargetKind } from '../../../../support/tsung-targets.ts';

const load =
  '<arrivalphase phase="1" duration="2" unit="second"><users arrivalrate="10" unit="second"/></arrivalphase>';

const kinds: readonly TargetKind[] = ['https', 'wss', 'chunked', 'digest', 'oauth'];

it.concurrent.each(kinds)('%s', { timeout: 90_000 }, async (kind) => {
  const folder = await temporaryFolder(kind);
  await using target = await startTargetOf(kind, folder);
  const { serverType, sessions, requests } = sessionsFor[kind];
  const text = scenario({ port: target.port, type: serverType, load, sessions });
  const run = await runTsungIn(folder, { files: { 'tsung.xml': text } });
  const users = run.intervals.reduce((sum, { usersStarted }) => sum + usersStarted, 0);
  expect(users).toBeGreaterThan(0);
  expect(target.served()).toBe(users * requests);
  expect(run).toMatchObject({ outcome: { kind: 'complete' }, unreadable: 0 });
  expect(run.failed).toBe(kind === 'digest' ? users : 0);
  expect(errorsOf(run.intervals)).toEqual({});
});

function errorsOf(
  intervals: readonly Readonly<{ errors: Readonly<Record<string, number>> }>[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { errors } of intervals) {
    for (const [name, count] of Object.entries(errors)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
