/**
 * The agent: arms the lifetime, serves the page, finds its run, and takes that run to its end.
 */

import { createCredentials } from '../aws/credentials.ts';
import { problemsOf } from '../errors.ts';
import { makeFolder } from '../files/files.ts';
import { watchSpot } from '../lifetime/spot.ts';
import { acquireLock } from '../lock.ts';
import { createLog } from '../log.ts';
import { warn } from '../run/warnings.ts';
import { createClusterAccess } from './cluster/access.ts';
import type { ClusterAccess } from './cluster/cluster.ts';
import { createLogFile } from './log-file.ts';
import { recallResults } from './recall.ts';
import { aborted, type Run } from './run.ts';
import { type Core, createCore, startConsole } from './startup/core.ts';
import { type EngineAccess, endWith, engineAccess } from './startup/engine-access.ts';
import { type FoundRun, findRun } from './startup/find-run.ts';
import type { AgentOptions } from './startup/options.ts';
import { type ServedPage, servePage } from './startup/page.ts';
import { tellStory } from './story.ts';
import { keepNotifyingSystemd } from './systemd-notify.ts';

/**
 * Runs until the signal is aborted, because a finished run is still served; then ends at once,
 * without touching the engine. If the machine goes down without notice, the bucket lacks at most
 * the last 10 seconds.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();
  stack.defer(() => ended.abort());
  const { abandoned = ended.signal, notifyEnv = {}, stateDir } = options;
  const signal = AbortSignal.any([options.signal, abandoned, ended.signal]);
  const logFile = createLogFile();
  const log = createLog({
    destinations: [options.console === '-' ? process.stderr : process.stdout, logFile.stream],
  });
  await makeFolder(stateDir);
  await using _lock = await acquireLock(stateDir, {
    code: 'AGENT_RUNNING',
    message: `another agent is running in ${stateDir}`,
    hint: 'stop it first (systemctl stop onager), or give another --state folder',
  });

  const core = await createCore(options, log);
  void core.scheduler.watch(signal);
  await using page = await servePage(options, core);
  stack.defer(startConsole(options, core, page));
  void keepNotifyingSystemd({ env: notifyEnv, pid: process.pid, log, signal });
  try {
    const found = await findRun(options, core, signal);
    logFile.open(found.folder.agentLog);
    await recallResults({ ...core, ...found });
    core.access.instance(found.instance.instanceId);
    page.show(found.folder);
    const engine = engineAccess(options);
    stack.defer(endWith(options, engine.launcher, found.folder.engineDir));
    resume(core, found);
    await tellStoryOf({ core, found, engine, options, page, signal });
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Gives the parts of the agent the launch time, and what an earlier process left. */
function resume({ clock, interruption, scheduler, stop, store }: Core, found: FoundRun): void {
  const { launchedAt } = found.instance;
  clock.begin(launchedAt);
  scheduler.begin(launchedAt);
  if (store.current().stopAskedAt !== undefined) stop.resolve();
  interruption.resume();
}

/** Watches for spot notices only until the run is over. */
async function tellStoryOf({
  core,
  found,
  engine,
  options,
  page,
  signal,
}: Readonly<{
  core: Core;
  found: FoundRun;
  engine: EngineAccess;
  options: AgentOptions;
  page: Pick<ServedPage, 'url'>;
  signal: AbortSignal;
}>): Promise<void> {
  const { access, clock, groupExit, interruption, log, results, scheduler, stop, store } = core;
  const { folder, imds, instance } = found;
  const story = new AbortController();
  try {
    if (instance.lifeCycle === 'spot')
      void watchInterruptions(core, found, AbortSignal.any([signal, story.signal]));
    const credentials = createCredentials({ imds, log, signal });
    const run: Omit<Run, 'cluster'> = {
      folder,
      instance,
      store,
      results,
      log,
      imds,
      credentials,
      ...engine,
      imageSettingsPath: options.imageSettingsPath,
      offeredVars: options.offeredVars ?? [],
      pageTemplate: options.pageTemplate,
      learn(settings) {
        access.settings(settings);
        const { after, lifetimeMs, publish } = settings;
        scheduler.learn({ after, lifetimeMs, publishes: publish !== undefined });
        if (settings.asg) groupExit.learn({ ...instance, credentials, imds });
      },
      bound: ({ after, lifetimeMs }) => scheduler.learn({ after, lifetimeMs, publishes: false }),
      stopAsked: stop.promise,
      interrupted: interruption.signal,
      provesIsolation: options.provesIsolation ?? false,
      signal,
      now: clock.now,
      pageUrl: page.url,
      askToStop: () => void core.askToStop(),
      interrupt: interruption.interrupt,
    };
    const cluster = createClusterAccess(run);
    untilGone(cluster, signal);
    await tellStory({ ...run, cluster });
  } finally {
    story.abort();
  }
}

/** A run that is over has members that still ask for its files. */
function untilGone(cluster: ClusterAccess, signal: AbortSignal): void {
  void aborted(signal).then(() => cluster[Symbol.asyncDispose]());
}

async function watchInterruptions(
  { interruption, log, store }: Core,
  { imds }: FoundRun,
  signal: AbortSignal,
): Promise<void> {
  await watchSpot(
    {
      peek: imds.peek,
      onInterruption: interruption.interrupt,
      onRebalance: (reason) => void warn(store, problemsOf(reason)),
      log: log.child({ stage: 'lifecycle' }),
    },
    signal,
  );
}
