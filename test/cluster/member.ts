/** A member of a cluster: a machine with a metadata service of its own and the real agent. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRunApi, type RunApi } from '../../src/rehearsal/agent-client.ts';
import { type AgentProcess, startAgentProcess } from '../../src/rehearsal/agent-process.ts';
import type { Instance, InstanceNow } from '../../src/rehearsal/metadata-tree.ts';
import { type RunFolder, runFolder } from '../../src/run/folder.ts';
import { withClockOffset } from './clock.ts';
import type { MetadataOrder } from './metadata-main.ts';
import type { Namespace } from './namespace.ts';

export type NetworkMember = AsyncDisposable &
  Readonly<{
    instanceId: string;
    address: string;
    api: RunApi;
    /** Asks the page with the member's own key. */
    get(path: string): Promise<Response>;
    /** What the metadata service says of it, from now on. */
    change(what: Partial<InstanceNow>): Promise<void>;
    /** Its tags, from now on. */
    tag(tags: Readonly<Record<string, string>>): Promise<void>;
    folder(): Promise<RunFolder>;
    log(): Promise<string>;
    namespace: Namespace;
    agent: AgentProcess;
    /** Ends everything on it at once, and nothing starts again. */
    die(): Promise<void>;
    /** Stops and continues everything on it but its metadata service. */
    freeze(): Promise<void>;
    thaw(): Promise<void>;
  }>;

export type MemberOptions = Readonly<{
  dir: string;
  launched: Instance;
  namespace: Namespace;
  address: string;
  clockOffsetMs: number;
  within: readonly string[];
}>;

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');

export async function startNetworkMember(options: MemberOptions): Promise<NetworkMember> {
  const { address, dir, launched, namespace } = options;
  const { instanceId } = launched.identity;
  await using stack = new AsyncDisposableStack();
  await mkdir(dir, { recursive: true });
  await namespace.sh('ip address add 169.254.169.254/32 dev lo');
  const metadata = startMetadata(namespace);
  stack.defer(async () => {
    metadata.disconnect();
    if (metadata.exitCode === null) await once(metadata, 'exit');
  });
  await order(metadata, { start: launched });
  const stateDir = join(dir, 'state');
  const logPath = join(dir, 'agent.log');
  const [file, ...enter] = namespace.enter;
  const clock = await withClockOffset(dir, options.clockOffsetMs);
  // Not on every address: the metadata service has the same port here.
  const place = ['--state', stateDir, '--host', address];
  const agentCommand = [node, join(root, 'src/cli.ts'), 'agent', ...place];
  const api = createRunApi({ host: address, port: async () => 80, key: instanceId });
  const agent = startAgentProcess({
    command: [file, ...enter, ...clock, ...options.within, ...agentCommand],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    logPath,
    isUp: async (signal) => (await api.run(signal).catch(() => undefined)) !== undefined,
  });
  stack.defer(async () => {
    await signal('SIGCONT');
    await agent.stop();
    await signal('SIGKILL');
  });
  agent.done.catch(() => {});

  async function signal(name: 'SIGCONT' | 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    const all = await namespace.processes();
    for (const pid of all) if (pid !== metadata.pid) kill(pid, name);
  }

  const owned = stack.move();
  return {
    instanceId,
    address,
    api,
    get: (path) =>
      fetch(`http://${address}${path}`, { headers: { authorization: `Bearer ${instanceId}` } }),
    change: (what) => order(metadata, { change: what }),
    tag: (tags) => order(metadata, { change: { tags: { ...launched.tags, ...tags } } }),
    async folder() {
      const [run = ''] = await readdir(join(stateDir, 'runs'));
      return runFolder(join(stateDir, 'runs', run));
    },
    log: () => readFile(logPath, 'utf8'),
    namespace,
    agent,
    async die() {
      // What is terminated says nothing more to anybody.
      await namespace.sh('ip link set eth0 down');
      await signal('SIGSTOP');
      const stopped = agent.stop();
      await signal('SIGKILL');
      await stopped;
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startMetadata({ enter }: Namespace): ChildProcess {
  const [file, ...args] = enter;
  return spawn(file, [...args, node, join(import.meta.dirname, 'metadata-main.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Bytes stay bytes.
    serialization: 'advanced',
  });
}

async function order(metadata: ChildProcess, what: MetadataOrder): Promise<void> {
  const done = once(metadata, 'message');
  metadata.send(what);
  await done;
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
