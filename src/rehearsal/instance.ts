/** One simulated instance: its metadata service, and the real agent as a process of its own. */

import type { Identity } from '../aws/identity.ts';
import { readKeptPort } from '../web/kept-port.ts';
import { createRunApi, type RunApi } from './agent-client.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';
import { type MetadataService, startMetadataService } from './metadata-service.ts';
import type { Instance } from './metadata-tree.ts';

export type SimulatedInstance = Readonly<{
  agent: AgentProcess;
  api: RunApi;
  identity: Identity;
  /** The agent's state. */
  instanceDir: string;
  metadata: MetadataService;
  /** Of the page; undefined before the agent listens. */
  port(): Promise<number | undefined>;
}>;

type InstanceOptions = Readonly<{
  launched: Instance;
  instanceDir: string;
  agentLog: string;
  /** Of the page; 0: any free one, which the agent finds. */
  port: number;
  offeredVars: readonly string[];
  /** The command that runs `onager agent`; options are appended. */
  agentCommand: readonly [string, ...string[]];
  path: string;
}>;

export async function startInstance(
  options: InstanceOptions,
): Promise<SimulatedInstance & AsyncDisposable> {
  const { launched, instanceDir } = options;
  await using stack = new AsyncDisposableStack();
  const metadata = await startMetadataService(launched);
  stack.defer(() => metadata.close());
  const [file, ...args] = options.agentCommand;
  const place = ['--state', instanceDir, '--port', `${options.port}`, '--host', '127.0.0.1'];
  const offers = options.offeredVars.flatMap((name) => ['--offered-var', name]);
  const port = async (): Promise<number | undefined> => await readKeptPort(instanceDir);
  const api = createRunApi({ port, key: launched.identity.instanceId });
  const agent = startAgentProcess({
    command: [file, ...args, ...place, ...offers],
    env: { PATH: options.path, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url },
    logPath: options.agentLog,
    // What answers in its place is not up: whoever follows the run says what is wrong with that.
    isUp: async (signal) => (await api.run(signal).catch(() => undefined)) !== undefined,
  });
  stack.defer(() => agent.stop());
  const owned = stack.move();
  return {
    agent,
    api,
    identity: launched.identity,
    instanceDir,
    metadata,
    port,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
