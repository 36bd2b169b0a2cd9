/**
 * A raw zip and nothing else: from power-on to the report, with an agent killed in mid-run and a
 * reboot afterwards. One machine, in this order.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ec2, startEc2 } from './ec2.ts';
import { bootFigures } from './figures.ts';
import { boot, type Machine } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { get, isOver, summaryOf, until } from './watch.ts';

const seconds = 60;
const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  const xml = tsungXml({ port: ec2.target.port, seconds });
  // Without help, cloud-init takes this for a message and crashes: a stored zip with these words
  // near its start.
  const files = { 'notes.txt': 'mime-version: 1.0\n', 'tsung.xml': xml };
  await ec2.launch({ userData: await zipOf(files, { stored: true }) });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

describe('a raw zip, no role, no tags', () => {
  it('runs, and is shown live to those who have the instance id', async ({ task }) => {
    await until({ ec2, machine }, ({ phase }) => phase === 'running');
    const key = ec2.identity.instanceId;
    expect((await get(machine.port, '/healthz')).status).toBe(200);
    expect((await get(machine.port, '/api/run')).status).toBe(401);
    expect((await get(machine.port, '/api/run', 'i-0000000000000000f')).status).toBe(401);
    const page = await get(machine.port, '/', key);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<html') });
    expect(await machine.console()).toMatch(/onager: \S+ page http:\/\/203\.0\.113\.17\//);
    await expect.poll(() => ec2.target.hits.length, { timeout: 200_000 }).toBeGreaterThan(0);
    task.meta.figures = await bootFigures({ ec2, machine });
  });

  it('outlives its agent: killed in mid-run, no request for the page is refused and no sample is lost', async () => {
    const before = await pids();
    await machine.shell(askAllTheTime);
    await machine.shell('systemctl kill --signal KILL --kill-who main onager.service');
    await expect.poll(async () => (await pids()).agent, { timeout: 60_000 }).not.toBe(before.agent);
    await until({ ec2, machine }, ({ phase }) => phase === 'running');
    expect((await pids()).engine).toBe(before.engine);
    const asked = (await machine.shell('touch /run/asked-enough; cat /run/asked')).output
      .trim()
      .split('\n');
    // The kill ends the connections that the agent had just accepted (52, 56); none is refused (7),
    // and all others get an answer (0).
    expect(asked.filter((code) => code === '0').length).toBeGreaterThan(3);
    expect(asked.filter((code) => code !== '0').join()).toMatch(/^(52|56)?$/);
    const run = await until({ ec2, machine }, isOver);
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' }, problems: [] });
    const { totals } = await summaryOf({ ec2, machine });
    expect(totals.requests).toBe(ec2.target.hits.length);
    expect(totals.requests).toBeGreaterThan(seconds);
  });

  it('leaves cloud-init as clean as without Onager', async () => {
    const { code, output } = await machine.shell('cloud-init status --wait --long');
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^status: done$/m),
    });
    const log = await machine.shell(
      'grep -E "WARN|Traceback" /var/log/cloud-init.log | grep -v netplan',
    );
    expect(log.output).toBe('');
    const result = JSON.parse((await machine.shell('cat /run/cloud-init/result.json')).output);
    expect(result.v1).toEqual({ datasource: 'DataSourceEc2Local', errors: [] });
    const boot = await machine.shell(
      'journalctl --boot --grep "ordering cycle|Failed to start" --output cat',
    );
    expect(boot.output).not.toMatch(/cycle|Failed to start/);
  });

  it('shows its whole course on the serial console', async () => {
    const text = (await machine.console()).replaceAll('\r', '');
    const lines = [
      'fetching',
      'unpacking',
      'preparing',
      'running: tsung',
      'reporting',
      'finished',
      'complete: ',
      'report http://',
    ];
    const story = lines.map((line) => `onager: \\S+ ${line}[^]*`).join('');
    expect(text).toMatch(new RegExp(story));
    expect(text).not.toContain('"level"');
  });

  it('serves the report after a reboot, and does not fire again', async () => {
    const hits = ec2.target.hits.length;
    void machine.shell('systemctl reboot');
    await machine.says(/Linux version[\s\S]*Linux version/);
    const run = await until({ ec2, machine }, isOver);
    expect(run.outcome).toEqual({ kind: 'complete' });
    const report = await get(machine.port, '/report.html', ec2.identity.instanceId);
    expect(report).toMatchObject({ status: 200, body: expect.stringContaining('/fired/again') });
    expect((await summaryOf({ ec2, machine })).totals.requests).toBe(hits);
    await machine.says(/Cloud-init v\. \S+ finished[\s\S]*Cloud-init v\. \S+ finished/);
    expect(ec2.target.hits.length).toBe(hits);
  });
});

async function pids(): Promise<Readonly<{ agent: string; engine: string }>> {
  const of = async (unit: string): Promise<string> =>
    (await machine.shell(`systemctl show --property MainPID --value ${unit}`)).output.trim();
  return { agent: await of('onager.service'), engine: await of('onager-engine.service') };
}

/**
 * Requests the page again and again, each time on a new connection, and records curl's exit codes.
 */
const askAllTheTime = `(
  while [ ! -e /run/asked-enough ]; do
    curl --silent --output /dev/null --max-time 60 http://127.0.0.1/healthz
    echo $? >>/run/asked
  done
) >/dev/null 2>&1 &`;
