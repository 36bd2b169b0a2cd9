/** The agent: puts the page up, finds out who this instance is, and tells the story of its run. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCredentials } from '../boot/credentials.ts';
import type { Identity } from '../boot/identity.ts';
import { createImds, type Imds } from '../boot/imds.ts';
import { createLauncher } from '../engine/launcher.ts';
import { OnagerError } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { publishedFiles } from '../publish/layout.ts';
import { wait } from '../retry.ts';
import type { RunState } from '../run/state.ts';
import { createRunStore, type RunStore } from '../run/store.ts';
import { type Address, listen } from '../web/listen.ts';
import { buildServer } from '../web/server.ts';
import { createAccess } from './access.ts';
import { createBoard } from './board.ts';
import { createLateFile } from './late-file.ts';
import { onlyAgent } from './only-agent.ts';
import { openRun } from './open-run.ts';
import { tellStory } from './story.ts';

export type AgentOptions = Readonly<{
  version: string;
  stateDir: string;
  imageSettingsPath: string;
  /** The one metadata endpoint to use in the place of EC2's own addresses. */
  metadataEndpoint?: string;
  /** Where the page is served. */
  address: Address;
  pageTemplate: string;
  /** The command that runs an engine; the path of a plan is added to it. */
  engineCommand: readonly [string, ...string[]];
  /** The environment engines and their host are started with. */
  engineEnv: Readonly<Record<string, string>>;
  signal: AbortSignal;
}>;

/** How long to leave a metadata service in peace that says it is switched off. */
const disabledPauseMs = 15_000;

/** Runs until the signal, for a finished run goes on being served; then ends without touching the engine. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { signal, stateDir } = options;
  const logFile = createLateFile();
  const log = createLog({ destinations: [process.stdout, logFile.stream] });
  await mkdir(stateDir, { recursive: true });
  await using _lock = await onlyAgent(stateDir);

  const store = createRunStore({
    initial: firstState(options.version),
    onWriteError: (error) => log.error({ err: error }, 'the run state could not be written'),
  });
  const now = (): Date => new Date();
  const board = createBoard(store, now);
  const access = createAccess();
  const stop = Promise.withResolvers<void>();
  let listFiles = async (): ReturnType<typeof publishedFiles> => [];

  const server = buildServer({
    state: store,
    results: board,
    files: { list: () => listFiles() },
    access: access.current,
    onStop: async () => stop.resolve(),
    pageHtml: options.pageTemplate,
    log: log.child({ stage: 'web' }, { level: 'warn' }),
    onagerVersion: options.version,
  });
  const url = await listen(server, options.address);
  log.info({ url }, 'listening');

  try {
    const imds = createMetadataClient(options, store, log);
    const instance = await identify(imds, store, signal);
    const folder = await openRun(join(stateDir, 'runs'), { instance, imds, store, signal });
    logFile.open(folder.agentLog);
    access.instance(instance.instanceId);
    listFiles = () => publishedFiles(folder);
    await tellStory({
      folder,
      instance,
      store,
      board,
      log,
      imds,
      credentials: createCredentials({ imds, log }),
      launcher: createLauncher({ command: options.engineCommand, env: options.engineEnv }),
      imageSettingsPath: options.imageSettingsPath,
      pageTemplate: options.pageTemplate,
      learn: access.settings,
      stopAsked: stop.promise,
      signal,
      now,
    });
    await untilAborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await server.close();
  }
}

function createMetadataClient({ metadataEndpoint }: AgentOptions, store: RunStore, log: Log): Imds {
  return createImds({
    ...(metadataEndpoint === undefined ? {} : { baseUrls: [metadataEndpoint] }),
    log: log.child({ stage: 'boot' }),
    onWaiting: (awaiting) => {
      void store.note({ awaiting });
    },
  });
}

// A metadata service that is switched off can be switched on while the instance runs: say so, and ask again now and then.
async function identify(imds: Imds, store: RunStore, signal: AbortSignal): Promise<Identity> {
  for (;;) {
    try {
      return await imds.identity(signal);
    } catch (error) {
      if (!(error instanceof OnagerError) || error.code !== 'IMDS_DISABLED') throw error;
      const { awaiting } = store.current();
      await store.note({
        awaiting: {
          what: 'the instance metadata service',
          since: awaiting?.since ?? new Date().toISOString(),
          lastAnswer: `${error.message}; ${error.hint}`,
        },
      });
      await wait(disabledPauseMs, signal);
    }
  }
}

function firstState(version: string): RunState {
  const startedAt = new Date().toISOString();
  return {
    version: 1,
    onager: version,
    runId: '',
    phase: 'waiting',
    phases: [{ phase: 'waiting', startedAt }],
    awaiting: { what: 'the instance metadata service', since: startedAt },
    settings: [],
    problems: [],
    warnings: [],
  };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
