/** The phases before the load: finds out what is asked for, prepares it, and keeps all that firing needs. Nothing is fired here. */

import { OnagerError } from '../../errors.ts';
import { readIfThere, writeWhole } from '../../files/files.ts';
import { type Resolved, writeResolved } from '../../run/resolved.ts';
import type { EngineInfo } from '../../run/state.ts';
import { type Run, reach } from '../run.ts';
import { type RunConfig, type RunConfigSources, readRunConfig } from './configuration.ts';
import { type Obtained, obtain } from './obtain.ts';

/** How long a machine that has just booted asks for the names of its targets. */
const patienceMs = 5 * 60_000;

/** @throws ProblemsError, OnagerError: what is wrong with what was asked for */
export async function receive(run: Run): Promise<Resolved | 'idle'> {
  const { credentials, folder, instance, signal } = run;
  await reach(run, 'fetching');
  const sources = await readSources(run);
  bound(run, sources);
  const obtained = await obtain({
    sources,
    folder,
    ...(run.sharedGroupDir === undefined ? {} : { sharedGroupDir: run.sharedGroupDir }),
    access: { credentials, region: instance.region },
    signal,
    onStep: (step) => reach(run, step),
    onRunConfig: (config) => show(run, config),
    onFetch: (from, lastAnswer) =>
      awaitNamed(run, {
        what: `the scenario from ${from}`,
        ...(lastAnswer === undefined ? {} : { lastAnswer }),
      }),
    patience: {
      patienceMs,
      onWaiting: (waiting) => void awaitNamed(run, waiting),
    },
  });
  return obtained === 'idle' ? 'idle' : await keep(run, obtained, sources.tags);
}

async function readSources({
  folder,
  imds,
  imageSettingsPath,
  signal,
}: Run): Promise<RunConfigSources> {
  const [userData, tags, text] = await Promise.all([
    imds.userData(signal),
    imds.tags(signal),
    readIfThere(imageSettingsPath),
  ]);
  if (userData !== undefined) await writeWhole(folder.userData, userData, { mode: 0o600 });
  return {
    userData,
    tags,
    ...(text === undefined ? {} : { imageSettings: { path: imageSettingsPath, text } }),
  };
}

/** Says what is waited for, and since when: the same thing has waited since it was first named. */
async function awaitNamed(
  { now, store }: Run,
  { what, lastAnswer, limitMs }: Readonly<{ what: string; lastAnswer?: string; limitMs?: number }>,
): Promise<void> {
  const { awaiting } = store.current();
  const since = awaiting?.what === what ? awaiting.since : now().toISOString();
  const until =
    limitMs === undefined ? {} : { until: new Date(Date.parse(since) + limitMs).toISOString() };
  await store.note({
    awaiting: { what, since, ...until, ...(lastAnswer === undefined ? {} : { lastAnswer }) },
  });
}

// What image and tags say bounds the machine's life whatever is wrong with the user-data; if they are wrong, the default does.
function bound(run: Run, sources: RunConfigSources): void {
  try {
    run.bound(readRunConfig({ ...sources, userData: undefined }).settings);
  } catch (error) {
    if (!(error instanceof OnagerError)) throw error;
  }
}

async function show(run: Run, { settings, shown, userData }: RunConfig): Promise<void> {
  if (userData.kind !== 'idle') run.learn(settings);
  await writeWhole(run.folder.settingsJson, `${JSON.stringify(shown, undefined, 2)}\n`);
  await run.store.note({ settings: shown });
}

async function keep(
  run: Run,
  { config, prepared, received }: Obtained,
  tags: Readonly<Record<string, string>>,
): Promise<Resolved> {
  const { folder, signal, store } = run;
  const { engine, plan } = prepared;
  const scenario = {
    ...received,
    // What EC2's own console calls the instance; else what the scenario can be known by.
    name: tags['Name'] ?? received.name ?? prepared.scenario.entry,
    files: prepared.scenario.files.length,
    entry: prepared.scenario.entry,
  };
  const version = await engine.version(signal);
  const info: EngineInfo = {
    name: engine.name,
    version: version.engine,
    runtime: version.runtime,
    ...(plan.plannedDurationMs === undefined ? {} : { plannedDurationMs: plan.plannedDurationMs }),
    ...(plan.plannedUsers === undefined ? {} : { plannedUsers: plan.plannedUsers }),
    loadPhases: plan.loadPhases,
    targets: plan.targets,
    changes: plan.changes,
    sampling: plan.sampling,
  };
  await writeWhole(folder.planJson, JSON.stringify(plan, undefined, 2));
  const resolved: Resolved = {
    version: 1,
    settings: config.settings,
    scenario,
    engine: engine.name,
  };
  await store.note({ scenario, engine: info });
  await writeResolved(folder.resolvedJson, resolved);
  return resolved;
}
