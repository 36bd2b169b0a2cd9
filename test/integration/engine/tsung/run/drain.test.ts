/**
 * Users of the real Tsung whose target never answers: they end soon after the planned end, and are
 * counted as unanswered.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { engineOutput } from '../../../../../src/engine/handover/exit-file.ts';
import { runSupervisor } from '../../../../../src/engine/supervisor/supervisor.ts';
import { tsung } from '../../../../../src/engine/tsung/tsung.ts';
import { silentLog } from '../../../../../src/log.ts';
import { planned } from '../../../../support/planned.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { createTotals, portOf, scenario } from '../../../../support/tsung-run.ts';

const stack = new AsyncDisposableStack();
afterEach(() => stack.disposeAsync());

it('users that hang are stopped after the drain time, reported and counted', async () => {
  const root = await temporaryFolder('drain');
  const [dir, outputDir] = [join(root, 'scenario'), join(root, 'engine')];
  await mkdir(dir);
  await mkdir(outputDir);
  let answered = 0;
  let unanswered = 0;
  const target = createServer((request, response) => {
    if (request.url === '/never') {
      unanswered += 1;
      return;
    }
    answered += 1;
    response.end('hello');
  }).listen(0, '127.0.0.1');
  stack.defer(() => {
    target.closeAllConnections();
    target.close();
  });
  await new Promise((resolve) => target.once('listening', resolve));
  const text = scenario({
    port: portOf(target.address()),
    load: '<arrivalphase phase="1" duration="3" unit="second"><users arrivalrate="4" unit="second"/></arrivalphase>',
    sessions: `<session name="s" probability="100" type="ts_http">
      <request><http url="/" method="GET"/></request><request><http url="/never" method="GET"/></request></session>`,
  });
  await writeFile(join(dir, 'tsung.xml'), text);
  const plan = await planned(
    tsung,
    { dir, files: ['tsung.xml'], entry: 'tsung.xml', vars: {} },
    { outputDir, cpus: 2, memoryBytes: 2 * 1024 ** 3, samples: true, names: 'template' },
    { durationMs: 3_600_000, minFreeBytes: 0, drainMs: 4_000 },
  );
  const planPath = join(outputDir, 'plan.json');
  await writeFile(planPath, JSON.stringify(plan));
  const exit = await runSupervisor({ planPath, engines: () => tsung, log: silentLog() });

  expect(answered).toBeGreaterThan(5);
  expect(unanswered).toBe(answered);
  expect(exit).toMatchObject({
    reason: 'drain-limit',
    detail: expect.stringMatching(
      new RegExp(`^${unanswered} users still waited for answers after the planned end`),
    ),
  });
  const output = engineOutput(outputDir);
  expect(await tsung.outcome(output, exit)).toEqual({ kind: 'cut' });
  const totals = createTotals();
  for await (const batch of tsung.read(output, plan, AbortSignal.timeout(60_000)))
    totals.add(batch);
  const { counts, intervals } = totals.now();
  const never = intervals.map(({ errors }) => errors['error_never_answered'] ?? 0);
  expect(counts.get('request GET /')).toBe(answered);
  expect(never.reduce((sum, count) => sum + count, 0)).toBe(unanswered);
});
