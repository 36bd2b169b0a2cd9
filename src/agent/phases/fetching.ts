/** The phase `fetching`: saves the scenario, from the user-data or its address, to one file. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { OnagerError } from '../../errors.ts';
import { isThere, writeWhole } from '../../files/files.ts';
import { redactUrl } from '../../redact.ts';
import type { RunFolder } from '../../run/folder.ts';
import type { ScenarioInfo } from '../../run/state.ts';
import { type FetchProgress, fetchScenario } from '../../scenario/fetch/fetch.ts';
import type { S3Access } from '../../scenario/fetch/s3.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RunConfig } from './configuration.ts';

/** `name`: of the file at its address; absent if the scenario was in the user-data. */
export type ReceivedScenario = Pick<ScenarioInfo, 'form' | 'bytes' | 'sha256'> &
  Readonly<{ name?: string }>;

type FetchingOptions = Readonly<{
  folder: Pick<RunFolder, 'scenarioDir' | 'scenarioZip'>;
  /** Access to a scenario that is not in the user-data. */
  access: S3Access;
  onProgress?: (progress: FetchProgress) => void;
  signal: AbortSignal;
}>;

/** @throws OnagerError: why the scenario cannot be obtained */
export async function obtainScenario(
  { userData, settings }: Pick<RunConfig, 'userData' | 'settings'>,
  options: FetchingOptions,
): Promise<ReceivedScenario> {
  if (userData.kind !== 'scenario') return await fetchFrom(scenarioOf(settings), settings, options);
  const { form, scenario } = userData;
  await writeWhole(options.folder.scenarioZip, scenario);
  const sha256 = createHash('sha256').update(scenario).digest('hex');
  return { form, bytes: scenario.byteLength, sha256 };
}

/** The address to fetch from, without its secrets; undefined if nothing is to be fetched. */
export function shownAddress({
  userData,
  settings,
}: Pick<RunConfig, 'userData' | 'settings'>): string | undefined {
  if (userData.kind === 'scenario' || settings.scenario === undefined) return undefined;
  return redactUrl(settings.scenario.from);
}

type Asked = NonNullable<Settings['scenario']>;

function scenarioOf({ scenario }: Settings): Asked {
  if (scenario !== undefined) return scenario;
  throw new OnagerError('SCENARIO_MISSING', 'the settings name no scenario', {
    hint:
      'add scenario: { from: s3://bucket/scenario.zip }, ' +
      'or send the zip beside them as a MIME part',
  });
}

async function fetchFrom(
  { from, sha256 }: Asked,
  { publish }: Pick<Settings, 'publish'>,
  { access, folder, onProgress, signal }: FetchingOptions,
): Promise<ReceivedScenario> {
  const form = redactUrl(from);
  const name = form.split('/').at(-1) ?? form;
  // The files that an earlier process unpacked are fired: the address may serve other bytes by now.
  if (isThere(folder.scenarioDir)) return { form, name, ...(await fetchedEarlier(folder)) };
  const { region, endpoint } = publish ?? {};
  const fetched = await fetchScenario({
    from,
    ...(sha256 === undefined ? {} : { sha256 }),
    to: folder.scenarioZip,
    ...access,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(onProgress === undefined ? {} : { onProgress }),
    signal,
  });
  return { form, name, ...fetched };
}

async function fetchedEarlier({
  scenarioZip,
}: Pick<RunFolder, 'scenarioZip'>): Promise<Pick<ReceivedScenario, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of createReadStream(scenarioZip)) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
