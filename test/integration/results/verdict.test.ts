/** The verdicts on the generator and on transactions, with the real Tsung. */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesOf } from '../../../src/engine/processes.ts';
import { measure } from '../../../src/results/meter.ts';
import {
  beginRehearsal,
  engineProcess,
  finalSummary,
  isOver,
  until,
} from '../../support/rehearsal.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { portOf, runTsungIn, scenario } from '../../support/tsung-run.ts';

/** Every third request fails, no matter what it asks for. */
let target: Server;
const failures = new Map<string, number>();
beforeAll(async () => {
  let served = 0;
  target = createServer(({ url = '' }, response) => {
    served += 1;
    response.statusCode = served % 3 === 0 ? 500 : 200;
    const path = url.split('?')[0] ?? '';
    if (served % 3 === 0) failures.set(path, (failures.get(path) ?? 0) + 1);
    response.end('hello');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  target.close();
});

it.concurrent('a machine that stood still has a suspect generator, although the run is complete', {
  timeout: 180_000,
}, async () => {
  await using rehearsed = await beginRehearsal({ seconds: 20, rate: 20 });
  const { simulation } = rehearsed;
  const run = await until(rehearsed, ({ phase }) => phase === 'running');
  await engineProcess(rehearsed, run);
  const engineDir = join(simulation.instanceDir, 'runs', run.runId, 'engine');
  const fired = JSON.parse(await readFile(join(engineDir, 'fired.json'), 'utf8'));
  // A running load has counted users.
  while (((await simulation.api.summary())?.totals.usersStarted ?? 0) < 20) await sleep(100);
  const frozen = [...processesOf({ marker: fired.marker }), fired.pid, simulation.agent.pid()];
  for (const pid of frozen) if (pid !== undefined) process.kill(pid, 'SIGSTOP');
  await sleep(12_000);
  for (const pid of frozen) if (pid !== undefined) process.kill(pid, 'SIGCONT');
  const ended = await until(rehearsed, isOver);
  expect(ended.outcome?.kind).toBe('complete');
  const { generator } = await finalSummary(rehearsed);
  expect(generator.verdict).toBe('suspect');
  const reasons = generator.reasons.join('\n');
  expect(reasons).toMatch(
    /^only \d+ of 400 (planned users|users planned until then) (?:was|were) launched$/m,
  );
  expect(reasons).toMatch(/^the generator's own delay had a p99 of 1?\d(\.\d+)? s, more than /m);
  expect(reasons).toMatch(/^the generator was not watched for 1\d s from /m);
  expect(reasons).toMatch(/^the engine counted nothing for 1\d s from /m);
});

it.concurrent('as many transactions fail as had a request that the target failed', {
  timeout: 120_000,
}, async () => {
  const request = (path: string): string =>
    `<request subst="true"><http url="${path}" method="GET"/></request>`;
  const sessions = `<session name="s" probability="100" type="ts_http">
    <transaction name="first">${request('/first?x=1')}${request('/other')}</transaction>
    <for from="1" to="4" var="i">
      <transaction name="loop">${request('/loop')}${request('/loop')}</transaction>
      <transaction name="varied">${request('/varied/%%_i%%')}</transaction>
    </for>
    <transaction name="holds">
      <if var="i" eq="4">
        <transaction name="held">${request('/held')}</transaction>
      </if>
      ${request('/holds')}
    </transaction></session>`;
  const load =
    '<arrivalphase phase="1" duration="3" unit="second"><users arrivalrate="10" unit="second"/></arrivalphase>';
  const { dir, plan } = await runTsungIn(await temporaryFolder('tsung'), {
    files: { 'tsung.xml': scenario({ port: portOf(target.address()), load, sessions }) },
  });
  const { names, totals, notes } = await measure({
    engineDir: dir,
    engine: 'tsung',
    plan,
    slo: [],
    signal: AbortSignal.timeout(60_000),
  });
  const of = (wanted: string) =>
    names.find(({ name, kind }) => kind === 'transaction' && name === wanted);
  const failed = (...paths: string[]): number =>
    paths.reduce((sum, path) => sum + (failures.get(path) ?? 0), 0);
  expect(totals.failed).toBe(failed(...failures.keys()));
  expect(of('held')?.failed).toBe(failed('/held'));
  expect(of('varied')?.failed).toBe(failed('/varied/1', '/varied/2', '/varied/3', '/varied/4'));
  const first = of('first');
  expect(first?.failed).toBeLessThanOrEqual(failed('/first', '/other'));
  expect(first?.failed).toBeGreaterThanOrEqual(Math.max(failed('/first'), failed('/other')));
  const holds = of('holds');
  expect(holds?.failed).toBeLessThanOrEqual(failed('/held', '/holds'));
  expect(holds?.failed).toBeGreaterThanOrEqual(Math.max(failed('/held'), failed('/holds')));
  expect(notes).toBeUndefined();
});
