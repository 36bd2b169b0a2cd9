/**
 * A simulated EC2 around real agents: a bucket, a target, and one instance or several that were
 * launched together.
 */

import { randomBytes } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Identity } from '../aws/identity.ts';
import { userDataOf, varTags } from '../scenario/launch-input.ts';
import { type LocalBucket, startBucket } from './bucket/bucket.ts';
import type { Keys } from './bucket/sigv4.ts';
import { type SimulatedInstance, startInstance } from './instance.ts';
import { simulatedLaunch } from './launch.ts';
import { claimLoopbackSubnet } from './loopback-subnet.ts';
import type { PlannedLaunch } from './planned-fire.ts';
import { startTarget, type Target } from './target.ts';

export type SimulationOptions = Readonly<{
  /** A scenario folder, or a file with the bytes of user-data. */
  source: string;
  /** Gets the state and the log of each agent, and the store of the bucket. */
  out: string;
  /** How many instances are launched together. */
  count?: number;
  /** Of the first instance's page; 0: any free one, which the agent finds. */
  port: number;
  vars: Readonly<Record<string, string>>;
  /** Settings beside those of the scenario, which they overrule. */
  settings?: Readonly<Record<string, string>>;
  /**
   * Called when all is known that will be fired, and nothing runs or is written yet. Gives the size
   * of the cluster that the scenario is for; undefined: it says nothing of one.
   */
  beforeStart?(launch: PlannedLaunch): Promise<number | undefined>;
  /** The command that runs `onager agent`; options are appended. */
  agentCommand: readonly [string, ...string[]];
  path: string;
  /** Aborted: stops reading the scenario. */
  signal?: AbortSignal;
  /** Differences from the usual instance of a rehearsal. */
  identity?: Partial<Identity>;
}>;

/** The members of an instance are those of the first one. */
export type Simulation = AsyncDisposable &
  SimulatedInstance &
  Readonly<{
    bucket: LocalBucket;
    /** The credentials that the role gives and the bucket accepts. */
    secrets: Required<Omit<Keys, 'region'>>;
    /** In the order of their launch. */
    instances: readonly [SimulatedInstance, ...SimulatedInstance[]];
    target: Target;
  }>;

const bucketName = 'rehearsal';
const membersPort = 7424;

export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  const { count = 1, out } = options;
  await using stack = new AsyncDisposableStack();
  const target = await startTarget();
  stack.defer(() => target.close());
  const offered = { TARGET_HOST: target.host, TARGET_PORT: String(target.port) };
  const offeredVars = Object.keys(offered).filter((name) => !Object.hasOwn(options.vars, name));
  const { userData, oversize } = await userDataOf(options.source, {
    bucket: bucketName,
    signal: options.signal ?? new AbortController().signal,
  });
  const subnet = count > 1 ? stack.use(await claimLoopbackSubnet(count, membersPort)) : undefined;
  const variables = varTags({ ...offered, ...options.vars });
  const cluster = count > 1 ? clusterSettings(count) : {};
  const asked = { ...variables, ...settingTags({ ...options.settings, ...cluster }) };
  const launch = { userData: oversize ?? userData, tags: asked, offeredVars };
  const wanted = (await options.beforeStart?.(launch)) ?? count;

  const secrets = temporaryKeys();
  const bucket = await startBucket({
    bucket: bucketName,
    storeDir: join(out, '.bucket'),
    ...secrets,
  });
  stack.defer(() => bucket.close());
  if (oversize !== undefined) await bucket.put('scenario.zip', oversize);
  const expiration = new Date(Date.now() + 6 * 3_600_000);
  const common = {
    userData,
    tags: {
      Name: nameOf(options.source),
      ...asked,
      // What is launched is the whole cluster.
      ...(wanted === count ? {} : settingTags(clusterSettings(count))),
      ...publishTags(bucket),
    },
    role: { name: 'onager-rehearsal', credentials: { ...secrets, expiration } },
  };
  const instances: (SimulatedInstance & AsyncDisposable)[] = [];
  stack.defer(async () => {
    await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
  });
  for (const launched of simulatedLaunch(count, subnet)) {
    const { launchIndex } = launched.identity;
    const name = count > 1 ? `-${launchIndex + 1}` : '';
    const instance = await startInstance({
      launched: {
        ...common,
        ...launched,
        identity: { ...launched.identity, ...options.identity },
      },
      instanceDir: join(out, `instance${name}`),
      agentLog: join(out, `agent${name}.log`),
      port: launchIndex === 0 ? options.port : 0,
      offeredVars,
      agentCommand: options.agentCommand,
      path: options.path,
    });
    instances.push(instance);
  }
  const [first, ...others] = instances;
  if (first === undefined) throw new RangeError(`${count} instances`);

  const owned = stack.move();
  return {
    ...first,
    bucket,
    instances: [first, ...others],
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

/** The scenario may be for more instances, which find each other by what is not simulated here. */
function clusterSettings(count: number): Readonly<Record<string, string>> {
  const size = `${count}`;
  return { 'cluster.size': size, 'cluster.quorum': size, 'cluster.discover': 'subnet' };
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

/** Like those of an instance's role: useless without the token. */
function temporaryKeys(): Simulation['secrets'] {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(60).toString('base64'),
  };
}
