/**
 * An agent that stands still while the load goes on, and a load that is stopped through its API:
 * the summary tells each second, and each request that was measured or in flight.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createRecordReader } from '../../../src/engine/tsung/output/records.ts';
import { numberedPath, numberedTarget } from '../../support/numbered-target.ts';
import { beginRehearsalOf, finalSummary, isOver, until } from '../../support/rehearsal.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { scenario } from '../../support/tsung-run.ts';

const sessions = `<session name="s" probability="100" type="ts_http">
  <for from="1" to="100000" var="i">
    <request subst="true"><http url="${numberedPath}"/></request>
    <thinktime value="0.05" random="false"/>
  </for></session>`;
const load =
  '<arrivalphase phase="1" duration="60" unit="second"><users maxnumber="40" arrivalrate="50" unit="second"/></arrivalphase>';

it('an agent that was held knows each second, and what was in flight when the load was stopped', async () => {
  await using target = await numberedTarget();
  const source = await temporaryFolder('held-agent');
  await writeFile(join(source, 'tsung.xml'), scenario({ port: target.port, load, sessions }));
  await using rehearsed = await beginRehearsalOf(source);
  const { simulation } = rehearsed;
  await target.more(500);

  const agent = simulation.agent.pid();
  if (agent === undefined) throw new Error('there is no agent');
  process.kill(agent, 'SIGSTOP');
  await sleep(3_000);
  process.kill(agent, 'SIGCONT');
  await target.more(target.arrived() + 200);
  expect(await simulation.api.stop()).toBe(true);
  const { runId, outcome } = await until(rehearsed, isOver);
  await target.left();

  expect(outcome).toEqual({ kind: 'stopped' });
  const { totals, series, notes = [] } = await finalSummary(rehearsed);
  const { inFlight = 0 } = totals;
  expect({ arrived: target.arrived(), again: target.again() }).toEqual({
    arrived: totals.requests + inFlight,
    again: 0,
  });
  const said = notes.filter((note) => note.includes('in flight when the load ended'));
  expect(said).toEqual(
    inFlight === 0 ? [] : [expect.stringMatching(new RegExp(`^${inFlight} requests? w`))],
  );

  const file = join(simulation.instanceDir, 'runs', runId, 'engine/onager.records');
  const recorded = new Map<number, number>();
  for (const batch of createRecordReader(file).push(await readFile(file)))
    if (batch.type === 'totals')
      for (const { kind, count } of batch.totals)
        if (kind === 'request')
          recorded.set(batch.startMs, (recorded.get(batch.startMs) ?? 0) + count);
  const shown = series.requests
    .map((count, step) => [series.startMs + step * series.stepMs, count] as const)
    .filter(([, count]) => count > 0);
  expect(series.stepMs).toBe(1_000);
  expect(new Map(shown)).toEqual(recorded);
});
