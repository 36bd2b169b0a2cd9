/** `onager check`: what this user-data would do, with every problem, before money is spent. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeRunConfig, readRunConfig } from '../agent/phases/configuration.ts';
import { obtainScenario } from '../agent/phases/fetching.ts';
import { prepare } from '../agent/phases/preparing.ts';
import { unpack } from '../agent/phases/unpacking.ts';
import type { LoadShare, Plan } from '../engine/engine.ts';
import { type Problem, problemsOf } from '../errors.ts';
import { runFolder } from '../run/folder.ts';
import { judgedUserDataOf, varTags } from '../scenario/launch-input.ts';
import { maxUserDataBytes } from '../scenario/pack.ts';
import { counted, formatInteger } from '../text.ts';
import { type Sizing, sizingLine, sizingOf } from './sizing.ts';

/**
 * What `--json` prints. `form`: how the scenario comes, or `idle`; null where the bytes were not
 * understood. `launch`: what it takes to launch with it; `s3`: the zip is too large for user-data,
 * and has to lie in a bucket. `sizing`: what the planned load takes. `warnings`: what may not be
 * meant; they leave it `ok`.
 */
type CheckResult = Readonly<{
  ok: boolean;
  form: string | null;
  launch: 'user-data' | 's3' | null;
  engine: string | null;
  entry: string | null;
  plannedDurationMs: number | null;
  sizing: Sizing | null;
  targets: readonly string[];
  changes: Plan['changes'];
  warnings: readonly Problem[];
  problems: readonly Problem[];
}>;

type Known = Omit<CheckResult, 'ok' | 'problems'>;

const nothing: Known = {
  form: null,
  launch: null,
  engine: null,
  entry: null,
  plannedDurationMs: null,
  sizing: null,
  targets: [],
  changes: [],
  warnings: [],
};

type CheckOptions = Readonly<{ vars: Readonly<Record<string, string>>; signal: AbortSignal }>;

export async function check(source: string, options: CheckOptions): Promise<CheckResult> {
  const work = await mkdtemp(join(tmpdir(), 'onager-check-'));
  const problems: Problem[] = [];
  let known = nothing;
  try {
    for await (const { problems: found, ...news } of findings(source, work, options)) {
      known = { ...known, ...news };
      problems.push(...(found ?? []));
    }
  } catch (error) {
    options.signal.throwIfAborted();
    problems.push(...problemsOf(error));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { ok: problems.length === 0, ...known, problems };
}

/** What is found out, step by step: the same steps as on an instance, as far as they come. */
async function* findings(
  source: string,
  work: string,
  { vars, signal }: CheckOptions,
): AsyncGenerator<Partial<Known & Pick<CheckResult, 'problems'>>> {
  const folder = runFolder(work);
  const options = { bucket: 'YOUR-BUCKET', signal };
  const { userData, oversize, problem } = await judgedUserDataOf(source, options);
  yield problem === undefined
    ? { launch: oversize === undefined ? 'user-data' : 's3' }
    : { problems: [problem] };

  const sources = { userData: oversize ?? userData, tags: varTags(vars) };
  const first = readRunConfig(sources);
  const { userData: content } = first;
  yield { form: content.kind === 'scenario' ? content.form : content.kind };
  if (content.kind === 'idle') return;

  await obtainScenario(first, { folder, access: {}, signal });
  const settingsText = await unpack(first, folder, signal);
  const { settings } = completeRunConfig(sources, first, settingsText);
  const share = shareOfOne(settings.cluster?.size);
  const { engine, preparation, scenario } = await prepare(settings, folder, { signal, share });
  const { warnings } = preparation;
  if ('problems' in preparation) {
    yield { warnings, problems: preparation.problems };
    return;
  }
  const { targets, changes, plannedDurationMs = null } = preparation.plan;
  const { entry } = scenario;
  const sizing = sizingOf(preparation.peak, engine.capacity);
  yield { engine: engine.name, entry, plannedDurationMs, sizing, targets, changes, warnings };
}

/** What members have is the same but for single users and lines: of equals, the last has least. */
function shareOfOne(members = 1): LoadShare | undefined {
  if (members === 1) return undefined;
  return { index: members - 1, weights: Array<number>(members).fill(1) };
}

const bucketLine =
  `  its zip has more than the ${formatInteger(maxUserDataBytes)} bytes EC2 takes as user-data: ` +
  'onager pack writes it, and the settings to launch with';

/** For people: what will happen, in a few lines. */
export function checkText(result: CheckResult): string {
  const { changes, engine, entry, form, launch, plannedDurationMs, sizing, targets, warnings } =
    result;
  if (form === 'idle') return 'ok: no scenario for Onager in it; the instance would be idle\n';
  const planned =
    plannedDurationMs === null ? 'an unknown time' : `${Math.round(plannedDurationMs / 1_000)} s`;
  const told = warnings.length === 0 ? '' : `, with ${counted(warnings.length, 'warning')}`;
  const lines = [
    `ok${told}: ${form}, ${engine} starts from ${entry}, aims at ${targets.join(', ')} for ${planned}`,
    ...(sizing === null ? [] : [`  ${sizingLine(sizing)}`]),
    ...(launch === 's3' ? [bucketLine] : []),
    ...changes.map(({ what, why, where }) => `  ${where ?? entry}: ${what} (${why})`),
  ];
  return `${lines.join('\n')}\n`;
}
