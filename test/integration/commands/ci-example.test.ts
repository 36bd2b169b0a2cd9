/**
 * The example CI job: what it does without an image and, with a stand-in for `aws`, everything
 * else.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

/** Records its calls, and keeps a bucket in a folder. */
const aws = `#!/bin/bash
echo "$*" >>"$BUCKET/calls"
case "$1 $2" in
  'ec2 run-instances') echo i-0123456789abcdef0 ;;
  's3api list-objects-v2') echo "\${6}run-1/manifest.json" ;;
  's3 cp') if [[ $3 = s3://* ]]; then cp "$BUCKET/\${3##*/}" "$4"; fi ;;
esac
`;

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('ci');
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin/aws'), aws, { mode: 0o755 });
});

async function job(scenario: string, env: Readonly<Record<string, string>> = {}) {
  return await execa(
    join(root, 'examples/ci/load-test.sh'),
    [join(root, 'examples', scenario), join(dir, 'out')],
    {
      env: {
        PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
        ONAGER: `${node} ${join(root, 'src/cli.ts')}`,
        ONAGER_POLL_SECONDS: '0',
        BUCKET: dir,
        ...env,
      },
      reject: false,
    },
  );
}

async function publish(outcome: string, verdict: string): Promise<void> {
  const summary = { run: { outcome: { kind: outcome } }, slo: { verdict } };
  await writeFile(join(dir, 'summary.json'), JSON.stringify(summary));
  await writeFile(join(dir, 'report.html'), '<html>');
  await writeFile(join(dir, 'junit.xml'), '<testsuites/>');
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

it.each([
  ['complete', 'pass', 0],
  ['complete', 'fail', 1],
  ['interrupted', 'pass', 3],
])('a run that is %s with objectives %s ends it with %d', async (outcome, verdict, exit) => {
  await publish(outcome, verdict);
  const { exitCode, stderr } = await job('minimal', launched);
  expect({ exitCode, stderr }).toEqual({ exitCode: exit, stderr: '' });
  expect(await readFile(join(dir, 'out/report.html'), 'utf8')).toBe('<html>');
  const lines = (await calls()).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^ec2 run-instances .*--user-data fileb:\S+scenario\.zip /);
  expect(lines[2]).toMatch(/^s3 cp s3:\/\/my-bucket\/ci\/[^/]+\/run-1\/summary\.json /);
  expect(lines.at(-1)).toBe('ec2 terminate-instances --instance-ids i-0123456789abcdef0');
});

it('a scenario over 16 KB is uploaded, and launched by settings that name it', async () => {
  await publish('complete', 'none');
  expect(await job('over-16k', launched)).toMatchObject({ exitCode: 0 });
  expect(await calls()).toMatch(/--user-data file:\S+scenario\.zip\.onager\.yaml /);
  expect(await readFile(join(dir, 'out/scenario.zip.onager.yaml'), 'utf8')).toMatch(
    /^#onager\nscenario:\n {2}from: "s3:\/\/my-bucket\/ci\/\S+\/scenario\.zip"\n {2}sha256: [0-9a-f]{64}\n$/,
  );
});
