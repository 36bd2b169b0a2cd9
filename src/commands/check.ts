/** `onager check`: what this user-data would do, with every problem, before money is spent. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtain } from '../agent/phases/obtain.ts';
import type { Plan } from '../engine/engine.ts';
import { type Problem, problemsOf } from '../errors.ts';
import { runFolder } from '../run/folder.ts';
import { judgedUserDataOf, varTags } from '../scenario/launch-input.ts';
import { maxUserDataBytes } from '../scenario/pack.ts';
import { formatInteger } from '../text.ts';

/**
 * What `--json` prints. `form`: how the scenario comes, or `idle`; null where the bytes were not understood.
 * `launch`: what it takes to launch with it; `s3`: the zip is too large for user-data, and has to lie in a bucket.
 */
export type CheckResult = Readonly<{
  ok: boolean;
  form: string | null;
  launch: 'user-data' | 's3' | null;
  engine: string | null;
  entry: string | null;
  plannedDurationMs: number | null;
  targets: readonly string[];
  changes: Plan['changes'];
  problems: readonly Problem[];
}>;

type Known = Omit<CheckResult, 'ok' | 'problems'>;

export async function check(
  source: string,
  { vars, signal }: Readonly<{ vars: Readonly<Record<string, string>>; signal: AbortSignal }>,
): Promise<CheckResult> {
  const work = await mkdtemp(join(tmpdir(), 'onager-check-'));
  const folder = runFolder(work);
  let known: Known = {
    form: null,
    launch: null,
    engine: null,
    entry: null,
    plannedDurationMs: null,
    targets: [],
    changes: [],
  };
  const problems: Problem[] = [];
  try {
    const { userData, oversize, problem } = await judgedUserDataOf(source, {
      bucket: 'YOUR-BUCKET',
      signal,
    });
    if (problem !== undefined) problems.push(problem);
    known = { ...known, launch: launchOf(problem, oversize) };
    const obtained = await obtain({
      sources: { userData: oversize ?? userData, tags: varTags(vars) },
      folder,
      access: {},
      signal,
      onStep: async () => {},
      onRunConfig: async ({ userData }) => {
        known = { ...known, form: userData.kind === 'scenario' ? userData.form : userData.kind };
      },
      onFetch: async () => {},
    });
    if (obtained !== 'idle') {
      const { engine, plan, scenario } = obtained.prepared;
      const { targets, changes, plannedDurationMs = null } = plan;
      known = {
        ...known,
        engine: engine.name,
        entry: scenario.entry,
        plannedDurationMs,
        targets,
        changes,
      };
    }
  } catch (error) {
    signal.throwIfAborted();
    problems.push(...problemsOf(error));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { ok: problems.length === 0, ...known, problems };
}

function launchOf(problem: Problem | undefined, oversize: Buffer | undefined): Known['launch'] {
  if (problem !== undefined) return null;
  return oversize === undefined ? 'user-data' : 's3';
}

const bucketLine = `  its zip has more than the ${formatInteger(maxUserDataBytes)} bytes EC2 takes as user-data: onager pack writes it, and the settings to launch with`;

/** For people: what will happen, in a few lines. */
export function checkText(result: CheckResult): string {
  const { changes, engine, entry, form, launch, plannedDurationMs, targets } = result;
  if (form === 'idle') return 'ok: no scenario for Onager in it; the instance would be idle\n';
  const planned =
    plannedDurationMs === null ? 'an unknown time' : `${Math.round(plannedDurationMs / 1_000)} s`;
  const lines = [
    `ok: ${form}, ${engine} starts from ${entry}, aims at ${targets.join(', ')} for ${planned}`,
    ...(launch === 's3' ? [bucketLine] : []),
    ...changes.map(({ what, why, where }) => `  ${where ?? entry}: ${what} (${why})`),
  ];
  return `${lines.join('\n')}\n`;
}
