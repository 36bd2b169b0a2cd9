/** From user-data to a plan, in a run folder: what the agent does before it fires, and all that `onager check` does. */

import { createHash } from 'node:crypto';
import type { Patience } from '../../engine/engine.ts';
import { makeEngineFolder } from '../../engine/handover/shared-folder.ts';
import { OnagerError } from '../../errors.ts';
import { isThere, writeWhole } from '../../files/files.ts';
import { redactUrl } from '../../redact.ts';
import type { RunFolder } from '../../run/folder.ts';
import { fetchScenario } from '../../scenario/fetch/fetch.ts';
import type { S3Access } from '../../scenario/fetch/s3.ts';
import { readScenarioSettings } from '../../scenario/settings-file.ts';
import { placeXml, unpackScenario } from '../../scenario/unpack.ts';
import { type RunConfig, type RunConfigSources, readRunConfig } from './configuration.ts';
import { type Prepared, prepare } from './prepare.ts';

/** `form`: how the scenario came: `zip`, `xml`, or the address it was fetched from. */
export type Received = Readonly<{ form: string; name?: string; bytes: number; sha256: string }>;

export type Obtained = Readonly<{ config: RunConfig; received: Received; prepared: Prepared }>;

export type ObtainOptions = Readonly<{
  sources: RunConfigSources;
  folder: RunFolder;
  sharedGroupDir?: string;
  /** How a scenario that is not in the user-data is reached. */
  access: S3Access;
  signal: AbortSignal;
  /** Told before each step, and with the settings each time they are known better. */
  onStep(step: 'unpacking' | 'preparing'): Promise<void>;
  onRunConfig(config: RunConfig): Promise<void>;
  onFetch(from: string, lastAnswer?: string): Promise<void>;
  /** For what may come right by itself; absent: somebody wants an answer now. */
  patience?: Patience;
}>;

/** @throws ProblemsError, OnagerError: what is wrong with what was asked for */
export async function obtain(options: ObtainOptions): Promise<Obtained | 'idle'> {
  const { sources, folder, signal } = options;
  const first = readRunConfig(sources);
  await options.onRunConfig(first);
  if (first.userData.kind === 'idle') return 'idle';
  const received = await receive(first, options);

  await options.onStep('unpacking');
  if (!isThere(folder.scenarioDir)) await unpack(first, options);
  const config = readRunConfig(sources, { text: await readScenarioSettings(folder.scenarioDir) });
  await options.onRunConfig(config);

  await options.onStep('preparing');
  await makeEngineFolder(folder.engineDir, options.sharedGroupDir);
  const { scenarioDir, engineDir } = folder;
  const { settings } = config;
  const { patience } = options;
  const prepared = await prepare(
    { scenarioDir, engineDir, settings, ...(patience === undefined ? {} : { patience }) },
    signal,
  );
  return { config, received, prepared };
}

async function receive(
  { userData, settings }: RunConfig,
  { access, folder, onFetch, signal }: ObtainOptions,
): Promise<Received> {
  if (userData.kind === 'scenario') {
    await writeWhole(folder.scenarioZip, userData.scenario);
    const sha256 = createHash('sha256').update(userData.scenario).digest('hex');
    const bytes = userData.scenario.byteLength;
    return { form: userData.form, bytes, sha256 };
  }
  if (settings.scenario === undefined) {
    throw new OnagerError('SCENARIO_MISSING', 'the settings name no scenario', {
      hint: 'add scenario: { from: s3://bucket/scenario.zip }, or send the zip beside them as a MIME part',
    });
  }
  const { from, sha256 } = settings.scenario;
  const form = redactUrl(from);
  await onFetch(form);
  const { region, endpoint } = settings.publish ?? {};
  const fetched = await fetchScenario({
    from,
    ...(sha256 === undefined ? {} : { sha256 }),
    to: folder.scenarioZip,
    ...access,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    onProgress: ({ lastProblem, receivedBytes }) => {
      if (receivedBytes === 0 && lastProblem !== undefined) void onFetch(form, lastProblem.message);
    },
    signal,
  });
  return { form, name: form.split('/').at(-1) ?? form, ...fetched };
}

async function unpack(
  { userData, settings }: RunConfig,
  { folder, signal }: ObtainOptions,
): Promise<void> {
  if (userData.kind === 'scenario' && userData.form === 'xml') {
    await placeXml(userData.scenario, folder.scenarioDir);
    return;
  }
  const { unpackedBytes, files } = settings.limits;
  await unpackScenario({
    zipPath: folder.scenarioZip,
    into: folder.scenarioDir,
    limits: { unpackedBytes, files },
    signal,
  });
}
