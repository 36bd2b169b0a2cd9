/**
 * A simulated EC2 around the real agent: metadata service, bucket, a target, and the agent as a
 * process of its own.
 */

import { randomBytes } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Identity } from '../aws/identity.ts';
import { userDataOf, varTags } from '../scenario/launch-input.ts';
import { readKeptPort } from '../web/kept-port.ts';
import { createRunApi, type RunApi } from './agent-client.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { type LocalBucket, startBucket } from './bucket/bucket.ts';
import type { Keys } from './bucket/sigv4.ts';
import { type MetadataService, startMetadataService } from './metadata-service.ts';
import type { PlannedLaunch } from './planned-fire.ts';
import { startTarget, type Target } from './target.ts';

export type SimulationOptions = Readonly<{
  /** A scenario folder, or a file with the bytes of user-data. */
  source: string;
  /** Gets `instance/` (the agent's state), `agent.log` and the store of the bucket. */
  out: string;
  /** Of the page; 0: any free one, which the agent finds. */
  port: number;
  vars: Readonly<Record<string, string>>;
  /** Settings beside those of the scenario, which they overrule. */
  settings?: Readonly<Record<string, string>>;
  /** Called when all is known that will be fired, and nothing runs or is written yet. */
  beforeStart?(launch: PlannedLaunch): Promise<void>;
  /** The command that runs `onager agent`; options are appended. */
  agentCommand: readonly [string, ...string[]];
  path: string;
  /** Aborted: stops reading the scenario. */
  signal?: AbortSignal;
  /** Differences from the usual instance of a rehearsal. */
  identity?: Partial<Identity>;
}>;

export type Simulation = AsyncDisposable &
  Readonly<{
    agent: AgentProcess;
    api: RunApi;
    bucket: LocalBucket;
    /** The credentials that the role gives and the bucket accepts. */
    secrets: Required<Omit<Keys, 'region'>>;
    identity: Identity;
    instanceDir: string;
    metadata: MetadataService;
    /** Of the page; undefined before the agent listens. */
    port(): Promise<number | undefined>;
    target: Target;
  }>;

const bucketName = 'rehearsal';

export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  await using stack = new AsyncDisposableStack();
  const target = await startTarget();
  stack.defer(() => target.close());
  const offered = { TARGET_HOST: target.host, TARGET_PORT: String(target.port) };
  const offeredVars = Object.keys(offered).filter((name) => !Object.hasOwn(options.vars, name));
  const { userData, oversize } = await userDataOf(options.source, {
    bucket: bucketName,
    signal: options.signal ?? new AbortController().signal,
  });
  const asked = { ...varTags({ ...offered, ...options.vars }), ...settingTags(options.settings) };
  await options.beforeStart?.({ userData: oversize ?? userData, tags: asked, offeredVars });

  const secrets = temporaryKeys();
  const bucket = await startBucket({
    bucket: bucketName,
    storeDir: join(options.out, '.bucket'),
    ...secrets,
  });
  stack.defer(() => bucket.close());
  const identity = { ...simulatedIdentity(), ...options.identity };
  if (oversize !== undefined) await bucket.put('scenario.zip', oversize);
  const expiration = new Date(Date.now() + 6 * 3_600_000);
  const credentials = { ...secrets, expiration };
  const metadata = await startMetadataService({
    identity,
    userData,
    tags: { Name: nameOf(options.source), ...asked, ...publishTags(bucket) },
    role: { name: 'onager-rehearsal', credentials },
  });
  stack.defer(() => metadata.close());

  const [file, ...args] = options.agentCommand;
  const instanceDir = join(options.out, 'instance');
  const place = ['--state', instanceDir, '--port', String(options.port), '--host', '127.0.0.1'];
  const offers = offeredVars.flatMap((name) => ['--offered-var', name]);
  const port = async (): Promise<number | undefined> => await readKeptPort(instanceDir);
  const api = createRunApi({ port, key: identity.instanceId });
  const agent = startAgentProcess({
    command: [file, ...args, ...place, ...offers],
    env: { PATH: options.path, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url },
    logPath: join(options.out, 'agent.log'),
    // What answers in its place is not up: whoever follows the run says what is wrong with that.
    isUp: async (signal) => (await api.run(signal).catch(() => undefined)) !== undefined,
  });
  stack.defer(() => agent.stop());

  const owned = stack.move();
  return {
    agent,
    api,
    bucket,
    identity,
    instanceDir,
    metadata,
    port,
    secrets,
    target,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As a user would name the instance: the folder, or the file without its endings. */
function nameOf(source: string): string {
  return basename(resolve(source)).replace(/(?:\.xml|\.zip){1,4}$/, '');
}

function settingTags(
  settings: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`onager:${key}`, value]),
  );
}

function publishTags({ endpoint }: LocalBucket): Readonly<Record<string, string>> {
  return {
    'onager:publish.to': `s3://${bucketName}/runs`,
    'onager:publish.endpoint': endpoint,
    'onager:publish.region': 'us-east-1',
    // The rehearsal asks the page itself, with the one key that it knows.
    'onager:report.access': 'instance-id',
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

/** Like those of an instance's role: useless without the token. */
function temporaryKeys(): Simulation['secrets'] {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(60).toString('base64'),
  };
}
