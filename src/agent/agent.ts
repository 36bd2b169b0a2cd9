/** The agent: puts the page up, finds out who this instance is, and tells the story of its run. */

import { realpath } from 'node:fs/promises';
import { availableParallelism, release, totalmem, type, uptime } from 'node:os';
import { join } from 'node:path';
import { createCredentials } from '../aws/credentials.ts';
import type { Identity } from '../aws/identity.ts';
import { createImds, type Imds } from '../aws/imds.ts';
import { createConsole, openConsole } from '../console/serial.ts';
import { withdraw } from '../engine/handover/withdrawal.ts';
import { createLauncher } from '../engine/launcher/child.ts';
import { createSystemdLauncher } from '../engine/launcher/systemd.ts';
import { OnagerError, problemsOf } from '../errors.ts';
import { isThere, makeFolder } from '../files/files.ts';
import { createLifetimeFile, readLifetimeFile } from '../lifetime/lifetime-file.ts';
import type { PowerOff } from '../lifetime/power-off.ts';
import { createScheduler } from '../lifetime/scheduler.ts';
import { watchSpot } from '../lifetime/spot.ts';
import { createSteadyClock } from '../lifetime/steady-clock.ts';
import { createLifetimeTimer } from '../lifetime/timer.ts';
import { acquireLock } from '../lock.ts';
import { createLog, type Log } from '../log.ts';
import { publishedFiles } from '../publish/files.ts';
import { createLiveResults } from '../report/live.ts';
import { wait } from '../retry.ts';
import { openRun } from '../run/open.ts';
import type { RunState } from '../run/state.ts';
import { createRunStore, type RunStore } from '../run/store.ts';
import { warn } from '../run/warnings.ts';
import { type Address, listen } from '../web/listen.ts';
import { buildServer } from '../web/server.ts';
import { createAccess } from './access.ts';
import { createInterruption } from './interruption.ts';
import { createLogFile } from './log-file.ts';
import { recallResults } from './recall.ts';
import { aborted, isBeforeItsEnd, type Run } from './run.ts';
import { tellStory } from './story.ts';
import { keepNotifyingSystemd } from './systemd-notify.ts';

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
  /** The systemd unit that runs the engine, as another user, in the place of a child process. */
  engineUnit?: string;
  /** What systemd, where it started this process, wants to be told and how. */
  notifyEnv?: Readonly<Record<string, string | undefined>>;
  /** Switches the machine off; absent where it is not the agent's to do so: then it is only said. */
  powerOff?: PowerOff;
  /** Makes the system's own lifetime timer count from now. */
  armTimer?(): Promise<void>;
  /** Where lines for people go: a file such as /dev/console, or `-` for standard output; then the log goes to standard error. */
  console?: string;
  /** Aborted: whoever started this agent is gone; it ends, and the engine with it. */
  abandoned?: AbortSignal;
  /** Whether the engine's host must prove that it is walled in. */
  provesIsolation?: boolean;
  signal: AbortSignal;
}>;

/** How long to leave a metadata service in peace that says it is switched off. */
const disabledPauseMs = 15_000;

/**
 * Runs until the signal, for a finished run goes on being served; then ends at once, without touching the engine. So too
 * when the machine goes down without a notice: what is in the bucket by then, at most 10 seconds old, is what there is.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();
  stack.defer(() => ended.abort());
  const { abandoned = ended.signal } = options;
  const signal = AbortSignal.any([options.signal, abandoned, ended.signal]);
  const { stateDir } = options;
  const logFile = createLogFile();
  const log = createLog({
    destinations: [options.console === '-' ? process.stderr : process.stdout, logFile.stream],
  });
  await makeFolder(stateDir);
  await using _lock = await acquireLock(stateDir, {
    code: 'AGENT_RUNNING',
    message: `another agent works in ${stateDir}`,
    hint: 'stop it first (systemctl stop onager), or give another --state folder',
  });

  const store = createRunStore({
    initial: firstState(options.version),
    onWriteError: (error) => log.error({ err: error }, 'the run state could not be written'),
  });
  const upMs = (): number => uptime() * 1_000;
  const clock = createSteadyClock({ now: () => new Date(), upMs });
  const { now } = clock;
  const results = createLiveResults(store, now);
  const access = createAccess();
  const stop = Promise.withResolvers<void>();
  const interruption = createInterruption(store, log);
  const memoPath = join(stateDir, 'lifetime');
  const bootedAt = new Date(Date.now() - upMs());
  const { armTimer } = options;
  const scheduler = createScheduler({
    store,
    powerOff: options.powerOff,
    known: await readLifetimeFile(memoPath),
    file: createLifetimeFile(memoPath, log),
    timer: armTimer && createLifetimeTimer({ arm: armTimer, log, now, upMs }),
    bootedAt,
    now,
    onLastLeave: interruption.interrupt,
    log: log.child({ stage: 'lifecycle' }),
  });
  void scheduler.watch(signal);
  if (options.console !== undefined) {
    const { port } = { port: 80, ...options.address };
    const lines = openConsole(options.console);
    stack.defer(
      createConsole({
        state: store,
        results: results,
        access: access.current,
        port,
        now,
        ...lines,
      }),
    );
  }
  let listFiles = async (): ReturnType<typeof publishedFiles> => [];

  const server = buildServer({
    state: store,
    results: results,
    files: { list: () => listFiles() },
    access: access.current,
    onStop: async () => {
      const { phase, stopAskedAt } = store.current();
      if (stopAskedAt === undefined && isBeforeItsEnd(phase))
        await store.note({ stopAskedAt: now().toISOString() });
      stop.resolve();
    },
    onExtend: scheduler.extend,
    pageHtml: options.pageTemplate,
    log: log.child({ stage: 'web' }, { level: 'warn' }),
    onagerVersion: options.version,
  });
  const url = await listen(server, options.address);
  log.info({ url }, 'listening');
  void keepNotifyingSystemd({ env: options.notifyEnv ?? {}, pid: process.pid, log, signal });

  try {
    const imds = createMetadataClient(options, store, log);
    const instance = await identify(imds, store, signal);
    const folder = await openRun(join(await realpath(stateDir), 'runs'), {
      instance,
      imds,
      store,
      signal,
    });
    logFile.open(folder.agentLog);
    await recallResults({ results, folder, store });
    access.instance(instance.instanceId);
    listFiles = () => publishedFiles(folder);
    const engine = engineAccess(options);
    stack.defer(endWith(options, engine.launcher, folder.engineDir));
    clock.begin(instance.launchedAt);
    scheduler.begin(instance.launchedAt);
    if (store.current().stopAskedAt !== undefined) stop.resolve();
    interruption.resume();
    const story = new AbortController();
    stack.defer(() => story.abort());
    if (instance.lifeCycle === 'spot') {
      void watchSpot(
        {
          peek: imds.peek,
          onInterruption: interruption.interrupt,
          onRebalance: (reason) => void warn(store, problemsOf(reason)),
          log: log.child({ stage: 'lifecycle' }),
        },
        AbortSignal.any([signal, story.signal]),
      );
    }
    await tellStory({
      folder,
      instance,
      store,
      results,
      log,
      imds,
      credentials: createCredentials({ imds, log }),
      ...engine,
      imageSettingsPath: options.imageSettingsPath,
      pageTemplate: options.pageTemplate,
      learn(settings) {
        access.settings(settings);
        const { after, lifetimeMs, publish } = settings;
        scheduler.learn({ after, lifetimeMs, publishes: publish !== undefined });
      },
      bound: ({ after, lifetimeMs }) => scheduler.learn({ after, lifetimeMs, publishes: false }),
      stopAsked: stop.promise,
      interrupted: interruption.signal,
      provesIsolation: options.provesIsolation ?? false,
      signal,
      now,
    });
    story.abort();
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await server.close();
  }
}

/** An agent that was left alone takes its engine with it; one that was told to end does not. */
function endWith(
  options: AgentOptions,
  launcher: Run['launcher'],
  engineDir: string,
): () => Promise<void> {
  return async () => {
    // Where nothing is prepared, nothing is on its way to fire either.
    if (options.abandoned?.aborted !== true || !isThere(engineDir)) return;
    // A host may just be on its way to fire.
    await withdraw(engineDir).catch(() => undefined);
    await launcher.stop(engineDir);
  };
}

function engineAccess({
  engineCommand: command,
  engineEnv: env,
  engineUnit: unit,
  stateDir,
}: AgentOptions): Pick<Run, 'launcher' | 'sharedGroupDir'> {
  if (unit === undefined) return { launcher: createLauncher({ command, env }) };
  return {
    launcher: createSystemdLauncher({ unit, planLink: join(stateDir, 'plan') }),
    sharedGroupDir: join(stateDir, 'shared'),
  };
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
    machine: {
      kernel: `${type()} ${release()}`,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
    },
    settings: [],
    problems: [],
    warnings: [],
  };
}
