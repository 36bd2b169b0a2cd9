/** The phases before the load: runs their steps in a row, and saves the result of each. */

import type { Identity } from '../aws/identity.ts';
import type { Imds } from '../aws/imds.ts';
import type { Engine, Plan, Waiting } from '../engine/engine.ts';
import { makeEngineFolder } from '../engine/handover/shared-folder.ts';
import { type PreparerOf, standBy } from '../engine/registry.ts';
import { OnagerError, ProblemsError } from '../errors.ts';
import { writeWhole } from '../files/files.ts';
import { refuseUnconfirmed } from '../lifetime/auto-scaling.ts';
import { type Resolved, writeResolved } from '../run/resolved.ts';
import type { EngineInfo, ScenarioInfo } from '../run/state.ts';
import { warn } from '../run/warnings.ts';
import { fetchWait, noteWait, scenarioFrom } from './awaiting.ts';
import {
  completeRunConfig,
  type RunConfig,
  type RunConfigSources,
  readBounds,
  readRunConfig,
  readSources,
} from './phases/configuration.ts';
import { obtainScenario, type ReceivedScenario, shownAddress } from './phases/fetching.ts';
import { gatherMembers } from './phases/gathering.ts';
import { type PreparedScenario, prepare } from './phases/preparing.ts';
import { unpack } from './phases/unpacking.ts';
import { type Run, reach } from './run.ts';

type Preparing = Pick<
  Run,
  | 'bound'
  | 'cluster'
  | 'credentials'
  | 'folder'
  | 'imageSettingsPath'
  | 'learn'
  | 'log'
  | 'now'
  | 'offeredVars'
  | 'sharedGroupDir'
  | 'signal'
  | 'store'
> &
  Readonly<{
    imds: Pick<Imds, 'userData' | 'tags'>;
    instance: Pick<Identity, 'region'>;
  }>;

/** How long a machine that has just booted keeps asking for the addresses of its targets. */
const patienceMs = 5 * 60_000;

/** @throws ProblemsError, OnagerError: what is wrong with the settings or the scenario */
export async function prepareRun(run: Preparing): Promise<Resolved | 'idle'> {
  const { folder, signal } = run;
  await reach(run, { phase: 'fetching' });
  const sources = await readSources(run, signal);
  const { userData } = sources;
  if (userData !== undefined) await writeWhole(folder.userData, userData, { mode: 0o600 });
  const first = readBounded(run, sources);
  await show(run, first);
  if (first.userData.kind === 'idle') return 'idle';
  const received = await fetchFor(run, first);
  using readied = standByFor(signal);

  await reach(run, { phase: 'unpacking' });
  const settingsText = await unpack(first, folder, signal);
  const config = completeRunConfig(sources, first, settingsText);
  await show(run, config);
  refuseUnconfirmed(sources.tags, config.settings);

  await reach(run, { phase: 'preparing' });
  run.cluster.refuseUnsized(config.settings);
  await makeEngineFolder(folder.engineDir, run.sharedGroupDir);
  const options = {
    signal,
    offeredVars: run.offeredVars,
    patience: { patienceMs, onWaiting: (waiting: Waiting) => void noteWait(run, waiting) },
  };
  const prepared = await prepare(config.settings, folder, {
    ...options,
    preparerOf: readied.preparerOf,
  });
  const { engine } = prepared;
  const whole = await planOf(run, prepared);
  const scenario = scenarioInfo(received, prepared, sources.tags);
  const version = await engine.version(signal);
  const versions = { engine: `${engine.name} ${version.engine}`, runtime: version.runtime };
  const link = await gatherMembers(run, config.settings, versions, signal);
  if (link === undefined) {
    const info = engineInfo(engine, whole, version);
    return await keep(run, { config, scenario, engine, plan: whole, info });
  }
  const plan = await planOf(
    run,
    await prepare(config.settings, folder, { ...options, share: link.share }),
  );
  // What the leader shows is the whole; the others show their own part.
  const shown = link.leader === undefined ? plan : { ...plan, ...loadOf(whole) };
  return await keep(run, {
    // The objectives are about the whole load.
    config: link.leader === undefined ? { settings: { ...config.settings, slo: [] } } : config,
    scenario,
    engine,
    plan,
    info: engineInfo(engine, shown, version),
  });
}

/** What a plan says of the load that is planned. */
function loadOf({ loadPhases, plannedDurationMs, plannedUsers }: Plan): Partial<Plan> {
  return {
    loadPhases,
    ...(plannedDurationMs === undefined ? {} : { plannedDurationMs }),
    ...(plannedUsers === undefined ? {} : { plannedUsers }),
  };
}

async function planOf(
  { store }: Pick<Run, 'store'>,
  { preparation }: PreparedScenario,
): Promise<Plan> {
  await warn(store, preparation.warnings);
  if ('problems' in preparation) throw new ProblemsError(preparation.problems);
  return preparation.plan;
}

/** The engines stand by while the scenario is unpacked and read, and no longer. */
function standByFor(signal: AbortSignal): Disposable & Readonly<{ preparerOf: PreparerOf }> {
  const over = new AbortController();
  return {
    preparerOf: standBy(AbortSignal.any([signal, over.signal])),
    [Symbol.dispose]: () => over.abort(),
  };
}

// Broken user-data must not disable the lifetime that image or tags set.
// If those are broken too, the default applies.
function readBounded(run: Pick<Run, 'bound'>, sources: RunConfigSources): RunConfig {
  try {
    return readRunConfig(sources);
  } catch (error) {
    boundAlone(run, sources);
    throw error;
  }
}

function boundAlone({ bound }: Pick<Run, 'bound'>, sources: RunConfigSources): void {
  try {
    bound(readBounds(sources));
  } catch (error) {
    if (!(error instanceof OnagerError)) throw error;
  }
}

async function show(
  { bound, folder, learn, store }: Pick<Run, 'bound' | 'folder' | 'learn' | 'store'>,
  { settings, shown, userData }: RunConfig,
): Promise<void> {
  if (userData.kind === 'idle') bound(settings);
  else learn(settings);
  await writeWhole(folder.settingsJson, `${JSON.stringify(shown, undefined, 2)}\n`);
  await store.note({ settings: shown });
}

async function fetchFor(
  run: Pick<Preparing, 'credentials' | 'folder' | 'instance' | 'now' | 'signal' | 'store'>,
  config: RunConfig,
): Promise<ReceivedScenario> {
  const { credentials, folder, instance, signal } = run;
  const address = shownAddress(config);
  if (address !== undefined) await noteWait(run, { what: scenarioFrom(address) });
  return await obtainScenario(config, {
    folder,
    access: { credentials, region: instance.region },
    onProgress: (progress) => void noteWait(run, fetchWait(address ?? '', progress)),
    signal,
  });
}

function scenarioInfo(
  received: ReceivedScenario,
  { scenario: { entry, files } }: PreparedScenario,
  tags: Readonly<Record<string, string>>,
): ScenarioInfo {
  // The instance's name in the EC2 console, or else the name of the scenario.
  const name = tags['Name'] ?? received.name ?? entry;
  return { ...received, name, files: files.length, entry };
}

/** Saves what the load and a restart need. `resolved.json` comes last: it marks the end. */
async function keep(
  { folder, store }: Pick<Run, 'folder' | 'store'>,
  {
    config: { settings },
    engine,
    plan,
    info,
    scenario,
  }: Readonly<{
    config: Pick<RunConfig, 'settings'>;
    engine: Engine;
    plan: Plan;
    info: EngineInfo;
    scenario: ScenarioInfo;
  }>,
): Promise<Resolved> {
  await writeWhole(folder.planJson, JSON.stringify(plan, undefined, 2));
  const resolved: Resolved = { version: 1, settings, scenario, engine: engine.name };
  await store.note({ scenario, engine: info, slo: settings.slo });
  await writeResolved(folder.resolvedJson, resolved);
  return resolved;
}

function engineInfo(
  engine: Engine,
  { changes, loadPhases, plannedDurationMs, plannedUsers, sampling, targets }: Plan,
  version: Awaited<ReturnType<Engine['version']>>,
): EngineInfo {
  return {
    name: engine.name,
    version: version.engine,
    runtime: version.runtime,
    ...(plannedDurationMs === undefined ? {} : { plannedDurationMs }),
    ...(plannedUsers === undefined ? {} : { plannedUsers }),
    loadPhases,
    targets,
    changes,
    sampling,
  };
}
