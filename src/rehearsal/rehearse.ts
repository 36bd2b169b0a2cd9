/** `onager rehearse`: the whole run on this machine. Only EC2 and S3 are simulated; agent and engine are the real ones. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { Identity } from '../boot/identity.ts';
import { errorCodes, OnagerError } from '../errors.ts';
import { closingTable } from '../report/table.ts';
import type { Summary } from '../results/summary.ts';
import { wait } from '../retry.ts';
import type { RunState } from '../run/state.ts';
import { startAgentProcess } from './agent-process.ts';
import { createRunApi, type RunApi } from './api.ts';
import { type Bucket, startBucket } from './bucket.ts';
import { startMetadataService } from './metadata-service.ts';
import { createNarrator, type Terminal } from './narrator.ts';
import { startTarget } from './target.ts';
import { userDataOf, varTags } from './user-data-of.ts';

export type RehearsalOptions = Readonly<{
  /** A scenario folder, or a file with the bytes of user-data. */
  source: string;
  out: string;
  /** Of the page; 0: any free one. */
  port: number;
  keepServing: boolean;
  vars: Readonly<Record<string, string>>;
  /** What runs `onager agent`; options are added. */
  agentCommand: readonly [string, ...string[]];
  path: string;
  terminal: Terminal;
  /** Aborted by the first Ctrl-C: ends the load, keeps the results; after the run, ends serving. */
  interrupted: AbortSignal;
  /** Aborted by the second Ctrl-C: leaves at once. */
  abandoned: AbortSignal;
}>;

const bucketName = 'rehearsal';
const lookEveryMs = 250;
/** What a shell says of a command that Ctrl-C ended. */
const abandonedExit = 130;

/** The exit code of the command: 0, 1 (objectives missed), 3 (the run did not complete), 65 (the scenario is wrong). */
export async function rehearse(options: RehearsalOptions): Promise<number> {
  const { terminal, interrupted, abandoned } = options;
  const out = resolve(options.out);
  await emptyFolder(out);
  await using stack = new AsyncDisposableStack();
  const target = await startTarget();
  stack.defer(() => target.close());
  const secrets = { accessKeyId: keyId(), secretAccessKey: randomBytes(30).toString('base64') };
  const bucket = await startBucket({
    bucket: bucketName,
    storeDir: join(out, '.bucket'),
    ...secrets,
  });
  stack.defer(() => bucket.close());

  const identity = simulatedIdentity();
  const vars = { TARGET_HOST: target.host, TARGET_PORT: String(target.port), ...options.vars };
  const { userData, oversize } = await userDataOf(options.source, bucketName);
  if (oversize !== undefined) await bucket.put('scenario.zip', oversize);
  const metadata = await startMetadataService({
    identity,
    userData,
    tags: { ...varTags(vars), ...publishTags(bucket) },
    role: {
      name: 'onager-rehearsal',
      credentials: {
        ...secrets,
        sessionToken: 'rehearsal',
        expiration: new Date(Date.now() + 6 * 3_600_000),
      },
    },
  });
  stack.defer(() => metadata.close());

  const port = options.port === 0 ? await freePort() : options.port;
  const [file, ...args] = options.agentCommand;
  const instance = join(out, 'instance');
  const agent = startAgentProcess({
    command: [file, ...args, '--state', instance, '--port', String(port), '--host', '127.0.0.1'],
    env: { PATH: options.path, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url },
    logPath: join(out, 'agent.log'),
  });
  stack.defer(() => agent.stop());

  terminal.write(`page: http://127.0.0.1:${port}/  key: ${identity.instanceId}\n`);
  const api = createRunApi({ port, key: identity.instanceId });
  interrupted.addEventListener('abort', () => void api.stop(), { once: true });
  const end = await Promise.race([follow(api, { terminal, abandoned }), agent.done]);
  if (typeof end !== 'object') return abandonedExit;
  await bucket.exportTo(join(out, 'bucket'));
  await rm(join(out, '.bucket'), { recursive: true, force: true });

  const run = join(instance, 'runs', end.run.runId);
  terminal.write(closing(end, target.served(), { out, run }));
  if (options.keepServing && !interrupted.aborted) {
    terminal.write(`\nThe page stays at http://127.0.0.1:${port}/ until Ctrl-C.\n`);
    await once(interrupted, 'abort');
  }
  return exitCode(end);
}

type End = Readonly<{ run: RunState; summary: Summary | undefined }>;

/** Until nothing more will happen: finished, failed or idle, and published. */
async function follow(
  api: RunApi,
  { terminal, abandoned }: Pick<RehearsalOptions, 'terminal' | 'abandoned'>,
): Promise<End | undefined> {
  const narrator = createNarrator(terminal, Date.now);
  while (!abandoned.aborted) {
    const run = await api.run();
    const summary = run?.phase === 'running' && !terminal.isTTY ? undefined : await api.summary();
    if (run !== undefined) narrator.hear(run, summary);
    if (run !== undefined && isOver(run)) {
      narrator.quiet();
      return { run, summary };
    }
    await wait(lookEveryMs, abandoned).catch(() => {});
  }
  return undefined;
}

function isOver({ phase, publish }: RunState): boolean {
  if (phase === 'idle') return true;
  if (phase !== 'finished' && phase !== 'failed') return false;
  return publish === undefined || publish.whole;
}

function closing(
  { run, summary }: End,
  served: number,
  { out, run: folder }: Readonly<{ out: string; run: string }>,
): string {
  const problems = run.problems.map(
    ({ code, message, hint, where }) =>
      `${code}: ${where === undefined ? '' : `${where}: `}${message}\n  ${hint}\n`,
  );
  const counted =
    served === 0 ? '' : `The target counted ${served.toLocaleString('en')} requests.\n`;
  const table = summary === undefined ? '' : `\n${closingTable(summary)}\n${counted}`;
  return [
    '\n',
    ...problems,
    table,
    `\nreport   ${join(folder, 'report', 'report.html')}\n`,
    `bucket   ${join(out, 'bucket')}\n`,
  ].join('');
}

function exitCode({ run: { outcome, problems }, summary }: End): number {
  const [problem] = problems;
  if (problem !== undefined) return errorCodes[problem.code].exit;
  if (outcome?.kind !== 'complete' && outcome?.kind !== 'cut') return 3;
  return summary?.slo.verdict === 'fail' ? 1 : 0;
}

function publishTags({ endpoint }: Bucket): Readonly<Record<string, string>> {
  return {
    'onager:publish.to': `s3://${bucketName}/runs`,
    'onager:publish.endpoint': endpoint,
    'onager:publish.region': 'us-east-1',
  };
}

function simulatedIdentity(): Identity {
  return {
    instanceId: `i-0${randomBytes(8).toString('hex')}`,
    launchedAt: `${new Date().toISOString().slice(0, 19)}Z`,
    imageId: 'ami-0123456789abcdef0',
    instanceType: 'rehearsal',
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    region: 'us-east-1',
    availabilityZone: 'us-east-1a',
    accountId: '123456789012',
    launchIndex: 0,
    reservationId: 'r-0123456789abcdef0',
    lifeCycle: 'on-demand',
    privateIp: '127.0.0.1',
  };
}

function keyId(): string {
  return `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
}

// A folder is used again only if it holds an earlier rehearsal: nothing else is ever deleted.
async function emptyFolder(out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  const names = await readdir(out);
  if (names.length > 0 && !names.includes('instance')) {
    throw new OnagerError('OUT_NOT_EMPTY', `${out} holds files that are no rehearsal's`, {
      hint: 'give --out an empty folder, a new one, or that of an earlier rehearsal',
    });
  }
  for (const name of ['instance', 'bucket', '.bucket', 'agent.log']) {
    await rm(join(out, name), { recursive: true, force: true });
  }
}

// The agent keeps its port over restarts, so the port must be known before its first start.
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
