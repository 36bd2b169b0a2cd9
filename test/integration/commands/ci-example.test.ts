/**
 * The example CI job: what it does without an image and, with a stand-in for `aws`, everything
 * else.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

const instance = 'i-0123456789abcdef0';
const runFolder = `20261130T070151Z-${instance}`;

/**
 * Records its calls, and answers for a bucket that is a folder as AWS's command does. The lines of
 * `$BUCKET/faults` are the errors of the next lists, one each.
 */
const aws = String.raw`#!${node}
const { appendFileSync, copyFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const dir = process.env.BUCKET;
const [service, command, ...rest] = process.argv.slice(2);
appendFileSync(join(dir, 'calls'), process.argv.slice(2).join(' ') + '\n');
const option = (name) => rest[rest.indexOf(name) + 1];
const fail = (text, code) => { process.stderr.write('\n' + text + '\n'); process.exit(code); };
const objects = join(dir, 'objects');
if (command === 'run-instances') console.log('${instance}');
if (command === 'list-objects-v2') {
  const [fault = '', ...faults] = existsSync(join(dir, 'faults')) ? readFileSync(join(dir, 'faults'), 'utf8').split('\n') : [];
  writeFileSync(join(dir, 'faults'), faults.join('\n'));
  if (fault !== '' && fault !== 'empty') fail(fault, 255);
  const keys = readdirSync(objects, { recursive: true }).filter((key) => statSync(join(objects, key)).isFile());
  const below = keys.filter((key) => key.startsWith(option('--prefix')));
  const cut = option('--prefix').length;
  const shown = rest.includes('--delimiter') ? [...new Set(below.map((key) => key.slice(0, key.indexOf('/', cut) + 1)))] : below;
  console.log(JSON.stringify(shown.length === 0 || fault === 'empty' ? null : shown));
}
if (service === 's3') {
  const [from, to] = rest.filter((text) => !text.startsWith('--'));
  const source = join(objects, from.split('/').slice(3).join('/'));
  if (from.startsWith('s3://') && !existsSync(source)) fail('fatal error: An error occurred (404) when calling the HeadObject operation: Key "x" does not exist', 1);
  if (from.startsWith('s3://') && to === '-') process.stdout.write(readFileSync(source));
  else if (from.startsWith('s3://')) copyFileSync(source, to);
}
`;

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('ci');
  await mkdir(join(dir, 'bin'));
  await mkdir(join(dir, 'objects'));
  await writeFile(join(dir, 'bin/aws'), aws, { mode: 0o755 });
});

async function job(scenario: string, env: Readonly<Record<string, string>> = {}) {
  return await script('load-test.sh', [join(root, 'examples', scenario), join(dir, 'out')], env);
}

/** The script that waits and judges, alone. */
async function wait(to: string, env: Readonly<Record<string, string>> = {}) {
  return await script('wait-for-run.sh', [to, instance, join(dir, 'out')], env);
}

async function script(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  return await execa(join(root, 'examples/ci', name), args, {
    env: {
      PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
      ONAGER: `${node} ${join(root, 'src/cli.ts')}`,
      ONAGER_POLL_SECONDS: '0',
      BUCKET: dir,
      ...env,
    },
    reject: false,
    // A script that never ends fails its test, and does not outlive it.
    timeout: 60_000,
  });
}

type Published = Readonly<{
  kind?: string;
  slo?: string;
  problems?: readonly unknown[];
  /** Absent: how the run ended is not known. */
  exitCode?: number;
}>;

async function publish(run: Published, folder = `runs/${runFolder}`): Promise<void> {
  const { kind = 'complete', slo = 'none', problems = [], exitCode } = run;
  const to = join(dir, 'objects', folder);
  await mkdir(to, { recursive: true });
  const outcome = { kind };
  await writeFile(join(to, 'run.json'), JSON.stringify({ phase: 'finished', problems }));
  await writeFile(
    join(to, 'summary.json'),
    JSON.stringify({
      run: { outcome, problems },
      slo: { verdict: slo },
      generator: { verdict: 'valid' },
    }),
  );
  await writeFile(join(to, 'report.html'), '<html>');
  await writeFile(join(to, 'junit.xml'), '<testsuites/>');
  await writeFile(join(to, 'manifest.json'), JSON.stringify({ version: 1, exitCode }));
}

const launched = { ONAGER_IMAGE: 'ami-0123456789abcdef0', ONAGER_BUCKET: 'my-bucket' };
const calls = async () => await readFile(join(dir, 'calls'), 'utf8').catch(() => '');

it('checks and packs, and launches nothing without an image', async () => {
  const { exitCode, stdout } = await job('minimal');
  expect(stdout).toContain('nothing is launched');
  expect(exitCode).toBe(0);
  expect((await readFile(join(dir, 'out/scenario.zip'))).subarray(0, 2).toString()).toBe('PK');
  expect(await calls()).toBe('');
});

it('refuses a scenario that is wrong, with the exit code of the check', async () => {
  const { exitCode, stdout } = await job('storefront', launched);
  expect(stdout).toContain('VAR_UNSET');
  expect(exitCode).toBe(65);
  expect(await calls()).toBe('');
});

it.each<readonly [string, Published, number]>([
  ['complete, its objectives met', { slo: 'pass', exitCode: 0 }, 0],
  ['complete, an objective missed', { slo: 'fail', exitCode: 1 }, 1],
  ['interrupted', { kind: 'interrupted', slo: 'pass', exitCode: 3 }, 3],
  ['wrong from the start', { problems: [{ code: 'X', message: 'y' }], exitCode: 65 }, 3],
  ['lost, nobody knows how', { kind: 'complete', slo: 'pass' }, 3],
])('a run that is %s ends it with the right code', async (_what, run, exit) => {
  await publish(run);
  const { exitCode, stderr } = await wait('s3://my-bucket/runs');
  expect({ exitCode, stderr }).toEqual({ exitCode: exit, stderr: '' });
  expect(await readFile(join(dir, 'out/report.html'), 'utf8')).toBe('<html>');
});

it('launches, judges, and terminates what it launched whatever the verdict', async () => {
  await publish({ slo: 'fail', exitCode: 1 });
  const { exitCode, stderr } = await job('minimal', launched);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const lines = (await calls()).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^ec2 run-instances .*--user-data fileb:\S+scenario\.zip /);
  expect(lines.at(-1)).toBe(`ec2 terminate-instances --instance-ids ${instance}`);
});

it('takes the run of its own instance, and waits for it though another run is whole', async () => {
  await publish({ slo: 'fail', exitCode: 1 }, 'runs/20261130T070151Z-i-0aaaaaaaaaaaaaaaa');
  await publish({ slo: 'pass', exitCode: 0 });
  await writeFile(join(dir, 'faults'), 'empty\nempty\n');
  expect(await wait('s3://my-bucket/runs/')).toMatchObject({ exitCode: 0, stderr: '' });
});

it.each(['s3://my-bucket', 's3://my-bucket/'])('finds a run at the top of %s', async (to) => {
  await publish({ exitCode: 0 }, runFolder);
  expect(await wait(to)).toMatchObject({ exitCode: 0, stderr: '' });
});

it('ends at once where the bucket may not be listed, and says what is needed', async () => {
  const refusal =
    'An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied';
  await writeFile(join(dir, 'faults'), refusal);
  const { exitCode, stderr } = await wait('s3://my-bucket/runs');
  expect(exitCode).toBe(70);
  expect(stderr).toContain(refusal);
  expect(stderr).toContain('ci-reader-policy.json');
  expect((await calls()).split('\n').filter((line) => line !== '')).toHaveLength(1);
});

it('asks again after an error of the network, and of S3', async () => {
  await publish({ exitCode: 0 });
  await writeFile(
    join(dir, 'faults'),
    [
      'Could not connect to the endpoint URL: "https://my-bucket.s3.amazonaws.com/"',
      'An error occurred (SlowDown) when calling the ListObjectsV2 operation: Reduce your request rate',
      'An error occurred (503) when calling the ListObjectsV2 operation: Service Unavailable',
    ].join('\n'),
  );
  expect(await wait('s3://my-bucket/runs')).toMatchObject({ exitCode: 0 });
});

it('says what the run was at when the time is over', async () => {
  await publish({ exitCode: 0 });
  await rm(join(dir, 'objects/runs', runFolder, 'manifest.json'));
  const late = await wait('s3://my-bucket/runs', { ONAGER_MINUTES: '0' });
  expect(late.exitCode).toBe(3);
  expect(late.stderr).toContain('"phase": "finished"');
  const nothing = await wait('s3://my-bucket/elsewhere', { ONAGER_MINUTES: '0' });
  expect(nothing.exitCode).toBe(3);
  expect(nothing.stderr).toContain(`get-console-output --latest --instance-id ${instance}`);
});

it('tells why a run without a report failed', async () => {
  await publish({
    problems: [{ code: 'TARGET_UNRESOLVABLE', message: 'no address' }],
    exitCode: 70,
  });
  await rm(join(dir, 'objects/runs', runFolder, 'summary.json'));
  const { exitCode, stdout } = await wait('s3://my-bucket/runs');
  expect(stdout).toContain('TARGET_UNRESOLVABLE: no address');
  expect(exitCode).toBe(3);
});

it.each([[], ['s3://my-bucket/runs'], ['my-bucket', instance], ['s3://my-bucket/runs', 'build-7']])(
  'is told how to be used by %j',
  async (...args) => {
    const { exitCode, stderr } = await script('wait-for-run.sh', args, {});
    expect(stderr).toContain('usage: wait-for-run.sh s3://BUCKET/PREFIX INSTANCE_ID');
    expect(exitCode).toBe(64);
  },
);

it('a scenario over 16 KB is uploaded, and launched by settings that name it', async () => {
  await publish({ exitCode: 0 });
  expect(await job('over-16k', launched)).toMatchObject({ exitCode: 0 });
  expect(await calls()).toMatch(/--user-data file:\S+scenario\.zip\.onager\.yaml /);
  expect(await readFile(join(dir, 'out/scenario.zip.onager.yaml'), 'utf8')).toMatch(
    /^#onager\nscenario:\n {2}from: "s3:\/\/my-bucket\/scenarios\/ci-\S+\.zip"\n {2}sha256: [0-9a-f]{64}\n$/,
  );
});
