/**
 * From the start of the service to the engine's exec, beside a shell script that does only what must be done: prints the
 * ratio. With arguments: the program to start as the service, such as an unpacked package's `node` and `cli.js`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import { packScenario } from '../../src/scenario/pack.ts';
import { makeScenario } from '../support/scenario.ts';

const rounds = 9;
const identity = {
  launchedAt: '2026-11-22T22:00:00Z',
  imageId: 'ami-0123456789abcdef0',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  launchIndex: 0,
} as const;
const root = join(import.meta.dirname, '../..');
const dir = await mkdtemp(join(tmpdir(), 'onager-bench-start-'));
const stamp = join(dir, 'stamp');
const given = process.argv.slice(2);
const [file = '', ...program] =
  given.length > 0 ? given : [process.execPath, join(root, 'src/cli.ts')];

try {
  await makeEngine();
  const scenario = await makeScenario(await mkdtemp(join(dir, 'scenario-')), { seconds: 1 });
  const { zip } = await packScenario(scenario);
  const vars = { 'onager:vars.TARGET_HOST': '127.0.0.1', 'onager:vars.TARGET_PORT': '9' };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // An instance fires once: each start is another instance's.
    const instanceId = `i-0${String(round).padStart(16, '0')}`;
    const service = await startMetadataService({
      identity: { ...identity, instanceId },
      userData: zip,
      tags: vars,
    });
    ours.push(await untilExec(startAgent(service.url)));
    theirs.push(await untilExec(startScript(service.url)));
    await service.close();
  }
  const [a, b] = [median(ours), median(theirs)];
  console.log(
    `start to the engine's exec: onager ${a.toFixed(0)} ms, shell script ${b.toFixed(0)} ms = ${(a / b).toFixed(2)}, ` +
      `${(a - b).toFixed(0)} ms more (goal: at most 1.5, and at most 250 ms more)`,
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** The real tsung's script, but for its start: it writes the time and ends. For what is measured it lies over /usr/bin/tsung. */
async function makeEngine(): Promise<void> {
  const [first = '', ...rest] = (await readFile('/usr/bin/tsung', 'utf8')).split('\n');
  const mark = `date +%s%N > ${stamp}; exit 0`;
  await writeFile(join(dir, 'tsung'), [first, mark, ...rest].join('\n'));
  await chmod(join(dir, 'tsung'), 0o755);
}

function startAgent(metadata: string): ChildProcess {
  const state = join(dir, `state-${performance.now()}`);
  const args = [...program, 'agent', '--port', '0', '--state', state];
  // As the units do for the package; a checkout has its own.
  const env = {
    NODE_COMPILE_CACHE: join(dir, 'cache'),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
  };
  return start(file, args, env);
}

function startScript(metadata: string): ChildProcess {
  const script = `set -e
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' $IMDS/latest/api/token)
ask() { curl -sf -H "X-aws-ec2-metadata-token: $token" "$IMDS/latest/$1"; }
work=$(mktemp -d ${dir}/script-XXXXXX)
cd "$work"
ask user-data > scenario.zip
host=$(ask meta-data/tags/instance/onager:vars.TARGET_HOST)
port=$(ask meta-data/tags/instance/onager:vars.TARGET_PORT)
unzip -q scenario.zip
sed -i "s/\\\${TARGET_HOST}/$host/; s/\\\${TARGET_PORT}/$port/" tsung.xml
exec tsung -f tsung.xml -l log start`;
  return start('/bin/bash', ['-c', script], { IMDS: metadata });
}

function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const covered = 'mount --bind "$0" /usr/bin/tsung && exec "$@"';
  return spawn('unshare', ['-m', 'sh', '-c', covered, join(dir, 'tsung'), file, ...args], {
    env: { ...env, PATH: '/usr/bin:/bin' },
    stdio: 'ignore',
  });
}

async function untilExec(child: ChildProcess): Promise<number> {
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    const text = await readFile(stamp, 'utf8').catch(() => '');
    if (text.endsWith('\n')) {
      await rm(stamp);
      child.kill('SIGTERM');
      return Number(BigInt(text.trim()) - startedNs) / 1e6;
    }
    await sleep(5, undefined, { signal: deadline });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
