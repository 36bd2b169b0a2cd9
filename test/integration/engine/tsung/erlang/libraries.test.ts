/**
 * What Tsung does by way of Erlang's libraries works with the installed pair of both, whatever it
 * is: what was fired is what the target counted.
 */

import { expect, it } from 'vitest';
import type { Plan } from '../../../../../src/engine/engine.ts';
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
  const users = run.intervals.reduce((sum, { usersStarted = 0 }) => sum + usersStarted, 0);
  expect(users).toBeGreaterThan(0);
  expect(target.served()).toBe(users * requests);
  expect(run).toMatchObject({ outcome: { kind: 'complete' }, unreadable: 0 });
  expect(run.failed).toBe(kind === 'digest' ? users : 0);
  expect(errorsOf(run.intervals)).toEqual({});
  expect(tellsOfCertificates(run.plan)).toBe(['https', 'wss'].includes(kind));
});

it('fires at nobody whom it cannot trust, and counts that', { timeout: 90_000 }, async () => {
  const folder = await temporaryFolder('untrusted');
  await using target = await startTargetOf('https', folder);
  const { serverType, sessions } = sessionsFor.https;
  const text = scenario({ port: target.port, type: serverType, load, sessions });
  const run = await runTsungIn(folder, { files: { 'tsung.xml': text }, tlsVerify: true });
  const users = run.intervals.reduce((sum, { usersStarted = 0 }) => sum + usersStarted, 0);
  const finished = run.intervals.reduce((sum, { usersFinished = 0 }) => sum + usersFinished, 0);
  expect(target.served()).toBe(0);
  expect(finished).toBe(users);
  // The first attempt, and three more.
  expect(errorsOf(run.intervals)).toEqual({
    'TLS: the certificate is signed by an unknown authority (error_connect_tls_unknown_ca)':
      users * 4,
  });
});

it('trusts whom the scenario names', { timeout: 90_000 }, async () => {
  const folder = await temporaryFolder('trusted');
  await using target = await startTargetOf('https', folder);
  const { serverType, sessions, requests } = sessionsFor.https;
  const text = scenario({
    ...{ port: target.port, type: serverType, load },
    sessions: sessions.replace(
      '<for',
      '<set_option name="certificate"><certificate cacertfile="ca.pem"/></set_option><for',
    ),
  });
  const files = { 'tsung.xml': text, 'ca.pem': target.authority };
  const run = await runTsungIn(folder, { files, tlsVerify: true });
  const users = run.intervals.reduce((sum, { usersStarted = 0 }) => sum + usersStarted, 0);
  expect(errorsOf(run.intervals)).toEqual({});
  expect(target.served()).toBe(users * requests);
  expect(tellsOfCertificates(run.plan)).toBe(false);
});

function tellsOfCertificates({ changes }: Plan): boolean {
  return changes.some(({ what }) => what === 'certificates of targets are not verified');
}

function errorsOf(
  intervals: readonly Readonly<{ errors: Readonly<Record<string, number>> }>[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { errors } of intervals) {
    for (const [name, count] of Object.entries(errors)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
