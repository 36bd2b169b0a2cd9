/** From the user-data to a plan, and what run.json says on the way. */
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareRun } from '../../../src/agent/preparation.ts';
import type { Plan } from '../../../src/engine/engine.ts';
import { isThere } from '../../../src/files/files.ts';
import { silentLog } from '../../../src/log.ts';
import { runFolder } from '../../../src/run/folder.ts';
import type { RunState } from '../../../src/run/state.ts';
import { createRunStore } from '../../../src/run/store.ts';
import type { Settings } from '../../../src/settings/settings.ts';
import { aloneAccess } from '../../support/alone-access.ts';
import { rawZip } from '../../support/raw-zip.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { portOf, scenario } from '../../support/tsung-run.ts';
import { firstState } from '../../unit/lifetime/setup.ts';

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

async function begin(userData: string, tags: Readonly<Record<string, string>> = {}) {
  const root = await temporaryFolder('preparation');
  const folder = runFolder(root);
  const store = createRunStore({ initial: firstState, onWriteError: () => undefined });
  await store.keepIn(folder.runJson);
  const [bounds, learned]: [Settings[], Settings[]] = [[], []];
  const stop = new AbortController();
  const run = {
    bound: (settings: Settings) => void bounds.push(settings),
    learn: (settings: Settings) => void learned.push(settings),
    credentials: async () => ({
      accessKeyId: 'a',
      secretAccessKey: 'b',
      sessionToken: 'c',
      expiration: new Date(Date.now() + 3_600_000),
    }),
    folder,
    imageSettingsPath: join(root, 'none.yaml'),
    imds: { userData: async () => Buffer.from(userData), tags: async () => tags },
    instance: { region: 'eu-central-1', launchIndex: 0 },
    cluster: aloneAccess(),
    log: silentLog(),
    now: () => new Date(),
    offeredVars: ['OFFERED', 'OFFERED_PORT'],
    signal: stop.signal,
    store,
  };
  return { bounds, folder, learned, stop, store, run };
}

const load =
  '<arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase>';
const sessions =
  '<session name="s" probability="100" type="ts_http"><request><http url="/"/></request></session>';

it('keeps the warnings in run.json, and plans all the same', async () => {
  const text = scenario({ port: 9100, load, sessions });
  const { folder, learned, run } = await begin(text, { 'onager:vars.NOPE': '1' });
  expect(await prepareRun(run)).toMatchObject({ engine: 'tsung', scenario: { form: 'xml' } });
  const state: RunState = JSON.parse(await readFile(folder.runJson, 'utf8'));
  expect(state.warnings.map(({ code }) => code)).toEqual(['VAR_UNUSED', 'TARGET_LOOPBACK']);
  expect(learned.length).toBe(2);
  expect(JSON.parse(await readFile(folder.planJson, 'utf8'))).not.toHaveProperty('warnings');
});

it.each([
  ['correct horse', 'correct'],
  [`correct "horse" ${'battery '.repeat(20)}`, 'correct'],
])('does not show a secret in the problem of a text that holds it: %s', async (secret, part) => {
  const text = scenario({ port: 9100, load, sessions }).replace(
    'url="/"',
    `url="/" method="\${API_KEY}"`,
  );
  const { run } = await begin(text, { 'onager:vars.API_KEY': secret });
  const refused = await prepareRun(run).catch((error: unknown) => error);
  expect(refused).toMatchObject({ problems: [{ message: expect.stringContaining('API_KEY') }] });
  expect(JSON.stringify(refused)).not.toContain(part);
});

it('does not show a secret in a URL in what is changed and in the names that rules may mean', async () => {
  const text = scenario({ port: 9100, load, sessions }).replace(
    '<request><http url="/"/>',
    `<setdynvars sourcetype="value" value="1"><var name="id"/></setdynvars>
    <request subst="true"><http url="/\${API_KEY}/%%_id%%"/>`,
  );
  const secret = 'correct-horse';
  const { folder, run } = await begin(text, {
    'onager:vars.API_KEY': secret,
    'onager:slo': 'request("GET /items").p95 < 1s',
  });
  await prepareRun(run);
  const { changes }: Plan = JSON.parse(await readFile(folder.planJson, 'utf8'));
  expect(JSON.stringify(changes)).toContain(`GET /\${API_KEY}/%%_id%%`);
  const { warnings }: RunState = JSON.parse(await readFile(folder.runJson, 'utf8'));
  expect(JSON.stringify(warnings)).toContain(`GET /\${API_KEY}/*`);
  expect(JSON.stringify([changes, warnings])).not.toContain(secret);
});

it('does not warn of a variable that is offered to every scenario', async () => {
  const text = scenario({ port: 9100, load, sessions });
  const tags = { 'onager:vars.OFFERED': '1', 'onager:vars.NOPE': '1' };
  const { run, store } = await begin(text, tags);
  await prepareRun(run);
  const unused = store.current().warnings.filter(({ code }) => code === 'VAR_UNUSED');
  expect(unused.map(({ where }) => where)).toEqual(['vars.NOPE']);
});

it('does not warn of a target on this machine that is offered to every scenario', async () => {
  const text = scenario({ port: 9100, load, sessions })
    .replaceAll('127.0.0.1', `\${OFFERED}`)
    .replaceAll('9100', `\${OFFERED_PORT}`);
  const { run, store } = await begin(text, {
    'onager:vars.OFFERED': '127.0.0.1',
    'onager:vars.OFFERED_PORT': '9100',
  });
  await prepareRun(run);
  expect(store.current().warnings).toEqual([]);
});

it('bounds the machine by its tags, though the user-data make no sense', async () => {
  const { bounds, learned, run } = await begin('#onager\nno-such: 1\n', {
    'onager:lifetime': '1h',
  });
  await expect(prepareRun(run)).rejects.toMatchObject({ code: 'SETTINGS_UNKNOWN' });
  expect(bounds.map(({ lifetimeMs }) => lifetimeMs)).toEqual([3_600_000]);
  expect(learned).toEqual([]);
});

it('reports the scenario that it unpacked, though another one has its address by now', async () => {
  const text = scenario({ port: 9100, load, sessions });
  const zips = [text, text.replace('<tsung', '<!-- another one --><tsung')].map((content) =>
    rawZip([{ name: 'tsung.xml', data: Buffer.from(content) }]),
  );
  let gets = 0;
  const server = createServer((_, response) => response.end(zips[gets++ === 0 ? 0 : 1])).listen(
    0,
    '127.0.0.1',
  );
  stack.defer(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { folder, run } = await begin(`#onager
scenario: { from: s3://bucket/scenario.zip }
publish: { to: s3://bucket/runs, endpoint: "http://127.0.0.1:${portOf(server.address())}" }
`);
  const first = await prepareRun(run);
  // Killed before the last file was written.
  await rm(folder.resolvedJson);
  expect(await prepareRun(run)).toEqual(first);
});

it('says what a fetch that is tried again was answered, and when it is given up', async () => {
  const server = createServer((_, response) => {
    response.statusCode = 503;
    response.end();
  }).listen(0, '127.0.0.1');
  stack.defer(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const settings = `#onager
scenario: { from: s3://bucket/scenario.zip }
publish: { to: s3://bucket/runs, endpoint: "http://127.0.0.1:${portOf(server.address())}" }
`;
  const { run, stop, store } = await begin(settings);
  const told = new Promise<RunState>((resolve) =>
    store.subscribe((state) => {
      if (state.awaiting?.lastAnswer !== undefined) resolve(state);
    }),
  );
  const prepared = prepareRun(run);
  prepared.catch(() => undefined);
  const { awaiting, phase } = await told;
  expect(phase).toBe('fetching');
  expect(awaiting).toMatchObject({
    what: 'the scenario from s3://bucket/scenario.zip',
    lastAnswer: expect.stringContaining('503'),
  });
  const { since = '', until = '' } = awaiting ?? {};
  expect(Date.parse(until) - Date.parse(since)).toBeGreaterThan(500_000);
  stop.abort(new Error('enough'));
  await expect(prepared).rejects.toThrow('enough');
});

describe('an instance of an Auto Scaling group', () => {
  const text = scenario({ port: 9100, load, sessions });
  const group = { 'aws:autoscaling:groupName': 'load-fleet' };

  it('does not fire, and says what would happen', async () => {
    const { folder, run } = await begin(text, group);
    await expect(prepareRun(run)).rejects.toMatchObject({
      code: 'ASG_UNCONFIRMED',
      message: expect.stringContaining('"load-fleet"'),
      hint: expect.stringContaining('asg: true'),
    });
    expect(isThere(folder.resolvedJson)).toBe(false);
  });

  it('fires where that is meant', async () => {
    const { run } = await begin(text, { ...group, 'onager:asg': 'true' });
    expect(await prepareRun(run)).toMatchObject({ settings: { asg: true } });
  });
});
