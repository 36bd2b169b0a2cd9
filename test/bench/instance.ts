/**
 * The packaged agent on a simulated instance without a bucket, as benchmarks start and observe it.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import type { RunState } from '../../src/run/state.ts';
import { packScenario } from '../../src/scenario/pack.ts';

export type Instance = AsyncDisposable &
  Readonly<{
    pid: number;
    url: string;
    key: string;
    engineDir(): Promise<string>;
    /** Resolves once the run's phase is this one. */
    phase(wanted: RunState['phase'], limitMs: number): Promise<void>;
    get(path: string): Promise<Readonly<{ status: number; body: Buffer }>>;
    /** As the page's button does. */
    stop(): Promise<void>;
  }>;

/** `fakeTsung`: a script that covers /usr/bin/tsung, for this agent only. */
export async function startInstance({
  cli,
  scenario,
  stateDir,
  targetPort = 9,
  fakeTsung,
}: {
  cli: string;
  scenario: string;
  stateDir: string;
  targetPort?: number;
  fakeTsung?: string;
}): Promise<Instance> {
  await using stack = new AsyncDisposableStack();
  const key = `i-0${randomBytes(8).toString('hex')}`;
  const metadata = await startMetadataService({
    identity: {
      instanceId: key,
      launchedAt: new Date().toISOString(),
      imageId: 'ami-0123456789abcdef0',
      instanceType: 'c7i.large',
      architecture: 'x86_64',
      region: 'us-east-1',
      availabilityZone: 'us-east-1a',
      launchIndex: 0,
    },
    userData: (await packScenario(scenario)).zip,
    tags: { 'onager:vars.TARGET_HOST': '127.0.0.1', 'onager:vars.TARGET_PORT': String(targetPort) },
  });
  stack.defer(() => metadata.close());
  const { flags, environment } = await unitOf('onager.service');
  const command = [process.execPath, ...flags, cli, 'agent', '--port', '0', '--host', '127.0.0.1'];
  const covered = 'mount --bind "$0" /usr/bin/tsung && exec "$@"';
  const [file = '', ...args] =
    fakeTsung === undefined
      ? command
      : ['unshare', '-m', 'sh', '-c', covered, fakeTsung, ...command];
  const child = spawn(file, [...args, '--state', stateDir], {
    env: {
      ...environment,
      PATH: '/usr/bin:/bin',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  // Does what CPUWeight= in the units does: the agent's session has 1/25 of the weight of the
  // engine's session.
  await writeFile(`/proc/${child.pid}/autogroup`, '15');
  // A benchmark that is ended by its time limit leaves no agent behind.
  process.once('exit', () => child.kill('SIGTERM'));
  process.once('SIGTERM', () => setImmediate(() => process.exit(1)));
  const exit = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  const url = await urlIn(child.stdout);

  const ask = async (path: string) => await fetched(`${url}${path}`, key);
  const run = async (): Promise<RunState> => JSON.parse((await ask('/api/run')).body.toString());
  const owned = stack.move();
  return {
    pid: child.pid ?? 0,
    url,
    key,
    get: ask,
    async stop() {
      const headers = { authorization: `Bearer ${key}` };
      const { status } = await fetch(`${url}/api/stop`, { method: 'POST', headers });
      if (status >= 300) throw new Error(`POST /api/stop: ${status}`);
    },
    async engineDir() {
      return join(stateDir, 'runs', (await run()).runId, 'engine');
    },
    async phase(wanted, limitMs) {
      const deadline = AbortSignal.timeout(limitMs);
      for (;;) {
        const { phase, problems } = await run();
        if (phase === wanted) return;
        if (phase === 'failed') throw new Error(JSON.stringify(problems));
        await sleep(100, undefined, { signal: deadline });
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As many pages that are open in browsers. */
export function watch({ key, url }: Instance, viewers: number): Disposable {
  const header = `authorization: Bearer ${key}`;
  const looking = Array.from({ length: viewers }, () =>
    spawn('curl', ['-sN', '-H', header, `${url}/api/events`], { stdio: 'ignore' }),
  );
  return {
    [Symbol.dispose]() {
      for (const viewer of looking) viewer.kill();
    },
  };
}

/** How the unit starts Node.js. */
async function unitOf(
  name: string,
): Promise<Readonly<{ flags: readonly string[]; environment: Readonly<Record<string, string>> }>> {
  const unit = await readFile(join(import.meta.dirname, '../../systemd', name), 'utf8');
  const flags = /^ExecStart=\S+ (.*?) \S+\/cli\.js /m.exec(unit)?.[1]?.split(' ') ?? [];
  const lines = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) =>
    line.split(' '),
  );
  return { flags, environment: Object.fromEntries(lines.map((line) => line.split('='))) };
}

/** The processor time of all its threads since its start, in milliseconds. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Its peak memory, in bytes. */
export async function peakRssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

async function urlIn(stdout: Readable): Promise<string> {
  let text = '';
  const found = Promise.withResolvers<string>();
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const port = /"url":"http:\/\/[^"]*:(\d+)/.exec(text)?.[1];
    if (port === undefined) return;
    text = '';
    found.resolve(`http://127.0.0.1:${port}`);
  });
  stdout.on('end', () => found.reject(new Error(`the agent ended: ${text}`)));
  return await found.promise;
}

function fetched(url: string, key: string): Promise<{ status: number; body: Buffer }> {
  const answer = Promise.withResolvers<{ status: number; body: Buffer }>();
  const request = get(url, { headers: { authorization: `Bearer ${key}` } }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', answer.reject);
    response.on('end', () =>
      answer.resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
    );
  });
  request.on('error', answer.reject);
  return answer.promise;
}
