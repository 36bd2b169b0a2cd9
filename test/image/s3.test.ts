/**
 * A scenario and results in the bucket, credentials from the role, and an engine that tries what it
 * must not. One machine, in this order.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectWholeRun } from './bucket.ts';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { summaryOf, until } from './watch.ts';

const stack = new AsyncDisposableStack();
const probe = await readFile(join(import.meta.dirname, 'probe.sh'), 'utf8');
let ec2: Ec2;
let machine: Machine;

// Tsung evaluates Erlang, which runs the script beside the scenario, as a hostile scenario would.
const runProbe = `<setdynvars sourcetype="eval" code="fun({_,_}) -> string:trim(os:cmd(&quot;sh ./probe.sh&quot;)) end."><var name="seen"/></setdynvars>
    <request subst="true"><http url="/probe?%%_seen%%" method="GET"/></request>`;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  const load = { port: ec2.target.port, seconds: 5, rate: 0.2, before: runProbe };
  const zip = await zipOf({ 'tsung.xml': tsungXml(load), 'probe.sh': probe });
  await ec2.bucket.put('scenarios/probe.zip', zip);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const settings = `#onager
scenario: { from: s3://image-test/scenarios/probe.zip, sha256: ${sha256} }
${ec2.publish}after: { action: terminate, delay: 60s }
`;
  await ec2.launch({ userData: Buffer.from(settings), role: true });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

describe('settings with a scenario and a place to publish to', () => {
  it('are carried out with the credentials of the instance role', async () => {
    const run = await until({ ec2, machine }, ({ publish }) => publish?.whole === true);
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' }, problems: [] });
    expect((await summaryOf({ ec2, machine })).totals.requests).toBe(ec2.target.hits.length);
  });

  it('give the engine nothing but the network and its own files', async () => {
    const seen = ec2.target.hits.find(({ path }) => path.startsWith('/probe?'))?.path;
    const answers = new URLSearchParams(seen?.split('?')[1]);
    const asEngine = Object.fromEntries(answers);
    // The same script, run by root, must find each of them open; otherwise it would prove nothing.
    const rootRun = await machine.shell('cd /var/lib/onager/runs/*/scenario && sh ./probe.sh');
    const asRoot = Object.fromEntries(new URLSearchParams(rootRun.output.trim()));
    expect(Object.keys(asEngine)).toEqual(Object.keys(asRoot));
    expect(Object.keys(asEngine).length).toBeGreaterThan(10);
    for (const what of Object.keys(asRoot)) {
      const expected =
        what === 'user'
          ? { asEngine: 'onager-engine', asRoot: 'root' }
          : { asEngine: 'refused', asRoot: 'open' };
      expect({ what, asEngine: asEngine[what], asRoot: asRoot[what] }).toEqual({
        what,
        ...expected,
      });
    }
  });

  it('power the machine off, once the bucket holds all of the run', async () => {
    await machine.says(/onager: \S+ .*terminat/i);
    await machine.off();
    const dir = await mkdtemp(join(tmpdir(), 'onager-bucket-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    await ec2.bucket.exportTo(dir);
    const run = await expectWholeRun(dir);
    expect(run.outcome).toEqual({ kind: 'complete' });
  });
});
