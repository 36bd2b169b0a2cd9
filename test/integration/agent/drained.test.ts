/**
 * A load whose users get no answer: the run ends because of it, and run.json, the page's data and
 * the bucket all say so.
 */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  beginRehearsalOf,
  expectWholeBucket,
  finalSummary,
  isOver,
  until,
} from '../../support/rehearsal.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { portOf, scenario } from '../../support/tsung-run.ts';
import { besideTarget } from '../../support/warnings.ts';

it('a load whose users hang is cut after limits.drain, with a warning that says how many', async () => {
  let hanging = 0;
  const target = createServer((request, response) => {
    if (request.url === '/never') hanging += 1;
    else response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const source = await temporaryFolder('drained');
  try {
    const text = scenario({
      port: portOf(target.address()),
      load: '<arrivalphase phase="1" duration="2" unit="second"><users arrivalrate="5" unit="second"/></arrivalphase>',
      sessions: `<session name="s" probability="100" type="ts_http">
        <request><http url="/" method="GET"/></request><request><http url="/never" method="GET"/></request></session>`,
    });
    await writeFile(join(source, 'tsung.xml'), text);
    await writeFile(join(source, 'onager.yaml'), 'limits: { drain: 1s }\n');
    await using rehearsed = await beginRehearsalOf(source);
    const run = await until(rehearsed, isOver);
    expect(run.outcome).toEqual({ kind: 'cut' });
    expect(hanging).toBeGreaterThan(0);
    const warning = {
      code: 'ENGINE_DRAINED',
      message: expect.stringMatching(new RegExp(`^${hanging} users? still waited for answers`)),
    };
    expect(besideTarget(run)).toEqual([expect.objectContaining(warning)]);
    expect((await finalSummary(rehearsed)).totals.requests).toBeGreaterThan(0);
    await expectWholeBucket(rehearsed, run);
    const path = join(rehearsed.out, 'bucket/runs', run.runId, 'run.json');
    const published = JSON.parse(await readFile(path, 'utf8'));
    expect(besideTarget(published)).toEqual([expect.objectContaining(warning)]);
  } finally {
    target.closeAllConnections();
    target.close();
  }
});
