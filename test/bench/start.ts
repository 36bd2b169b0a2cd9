/**
 * The time from the start of the service to the engine's exec, compared with a shell script that
 * does only what is necessary: by the clock and by processor time. With arguments: the program to
 * start as the service, such as an unpacked package's `node` and `cli.js`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import { packScenario } from '../../src/scenario/pack.ts';
import { makeScenario } from '../support/scenario.ts';
import { writeBundle } from './bundled.ts';
import { median, tell } from './figure.ts';

const rounds = 9;
const identity = {
  launchedAt: new Date().toISOString(),
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

/** `cpuMs`: the time of all processes that led to the exec, in steps of 10 ms. */
type Start = Readonly<{ wallMs: number; cpuMs: number }>;

try {
  await makeEngine();
  const programs: Readonly<Record<string, readonly string[]>> =
    given.length > 0
      ? { [given.join(' ')]: given }
      : {
          'a checkout': [process.execPath, join(root, 'src/cli.ts')],
          'the package': [process.execPath, await writeBundle(join(dir, 'bundle'))],
        };
  const scenario = await makeScenario(await mkdtemp(join(dir, 'scenario-')), { seconds: 1 });
  const { zip } = await packScenario(scenario);
  const vars = { 'onager:vars.TARGET_HOST': '127.0.0.1', 'onager:vars.TARGET_PORT': '9' };
  const ours: Record<string, Start[]> = {};
  const theirs: Start[] = [];
  // The first round fills caches, as the image's build does.
  for (let round = 0; round <= rounds; round += 1) {
    // An instance fires once, so each start uses a new instance.
    const instanceId = `i-0${String(round).padStart(16, '0')}`;
    const service = await startMetadataService({
      identity: { ...identity, instanceId },
      userData: zip,
      tags: vars,
    });
    for (const [name, program] of Object.entries(programs)) {
      const start = await untilExec(startAgent(program, service.url), 'agent');
      if (round > 0) ours[name] = [...(ours[name] ?? []), start];
    }
    const start = await untilExec(startScript(service.url), 'script');
    if (round > 0) theirs.push(start);
    await service.close();
  }
  for (const [name, starts] of Object.entries(ours)) tellOf(name, starts, theirs);
} finally {
  await rm(dir, { recursive: true, force: true });
}

function tellOf(name: string, ours: readonly Start[], theirs: readonly Start[]): void {
  const middle = (starts: readonly Start[], key: keyof Start): number =>
    median(starts.map((start) => start[key]));
  const least = (starts: readonly Start[]): number =>
    Math.min(...starts.map(({ wallMs }) => wallMs));
  const [a, b] = [middle(ours, 'wallMs'), middle(theirs, 'wallMs')];
  tell({
    what: `service start to engine exec, ${name}`,
    ours: `${a.toFixed(0)} ms`,
    yardstick: `${b.toFixed(0)} ms (shell script)`,
    ratio: a / b,
    goal: '<= 1.5 or <= 120 ms more',
    met: a / b <= 1.5 || a - b <= 120,
    note:
      `${(a - b).toFixed(0)} ms more; processor time ${middle(ours, 'cpuMs')} against ${middle(theirs, 'cpuMs')} ms; ` +
      `quickest of ${rounds}: ${least(ours).toFixed(0)} against ${least(theirs).toFixed(0)} ms`,
  });
}

/**
 * The real tsung script with a different start: it writes the time, and the processor time of its
 * parent, its grandparent and itself, and ends. During the measurement it covers /usr/bin/tsung.
 */
async function makeEngine(): Promise<void> {
  const [first = '', ...rest] = (await readFile('/usr/bin/tsung', 'utf8')).split('\n');
  const mark = `now=$(date +%s%N)
agent=$(sed 's/.*) //' /proc/$PPID/stat | cut -d' ' -f2)
{ echo $now; cat /proc/$PPID/stat /proc/$agent/stat /proc/$$/stat; } > ${stamp}.new
mv ${stamp}.new ${stamp}
exit 0`;
  await writeFile(join(dir, 'tsung'), [first, mark, ...rest].join('\n'));
  await chmod(join(dir, 'tsung'), 0o755);
}

function startAgent([file = '', ...program]: readonly string[], metadata: string): ChildProcess {
  const state = join(dir, `state-${performance.now()}`);
  const args = [...program, 'agent', '--port', '0', '--state', state];
  return start(file, args, { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata });
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

async function untilExec(child: ChildProcess, kind: 'agent' | 'script'): Promise<Start> {
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    const text = await readFile(stamp, 'utf8').catch(() => '');
    if (text !== '') {
      await rm(stamp);
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      const [now = '', host = '', agent = '', script = ''] = text.split('\n');
      const wallMs = Number(BigInt(now) - startedNs) / 1e6;
      return {
        wallMs,
        cpuMs: kind === 'agent' ? cpuMsOf(host) + cpuMsOf(agent) : cpuMsOf(script),
      };
    }
    await sleep(5, undefined, { signal: deadline });
  }
}

/** /proc/PID/stat: of the process and of the children it has waited for. */
function cpuMsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}
