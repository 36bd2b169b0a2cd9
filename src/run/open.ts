/**
 * Opens the folder of this instance's run: the folder from its first boot, or a new one.
 */

import { chmod, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../aws/identity.ts';
import type { Imds } from '../aws/imds.ts';
import { hasCode, type Problem } from '../errors.ts';
import { isThere } from '../files/files.ts';
import { findRun, runId } from './find.ts';
import { type RunFolder, runFolder } from './folder.ts';
import type { RunState } from './state.ts';
import { type RunStore, readRunState } from './store.ts';
import { withWarnings } from './warnings.ts';

type Known = Readonly<{ instance: Identity; imds: Imds; store: RunStore; signal: AbortSignal }>;

/** Restores what an earlier process left into the store, which then writes to the folder. */
export async function openRun(runsDir: string, known: Known): Promise<RunFolder> {
  const { instance, store } = known;
  const found = await findRun(runsDir, instance.instanceId);
  if (found !== undefined && (await asksForAnother(runFolder(found), known))) {
    await rename(found, `${found}.replaced-${Date.now()}`);
    return await openRun(runsDir, known);
  }
  const folder = runFolder(found ?? join(runsDir, runId(instance)));
  await mkdir(folder.root, { recursive: true });
  // The engine's user can reach its scenario and its folder, but cannot list the run folder.
  await chmod(folder.root, 0o711);
  const { left, warnings } = await takeUp(folder.runJson);
  const { awaiting: _nothing, ...first } = store.current();
  const state = left === undefined || left.phase === 'idle' ? first : left;
  const lifetime = left?.lifetime;
  store.restore({
    ...state,
    onager: first.onager,
    instance,
    runId: folder.root.split('/').at(-1) ?? runId(instance),
    warnings: withWarnings(state.warnings, warnings),
    ...(lifetime === undefined ? {} : { lifetime }),
  });
  await store.keepIn(folder.runJson);
  return folder;
}

type Left = Readonly<{ left?: RunState; warnings: readonly Problem[] }>;

/** The state that an earlier process left. An unreadable file is moved aside, with a warning. */
async function takeUp(runJson: string): Promise<Left> {
  try {
    const left = await readRunState(runJson);
    return { ...(left === undefined ? {} : { left }), warnings: [] };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const aside = `${runJson}.unreadable-${Date.now()}`;
    await rename(runJson, aside);
    return { warnings: [unreadable(error.message, aside)] };
  }
}

function unreadable(words: string, aside: string): Problem {
  return {
    code: 'RUN_UNREADABLE',
    message: `run.json did not hold the state of a run: ${words}`,
    hint: `the run continues from its other files; the unreadable one is kept as ${aside}`,
  };
}

/**
 * An instance fires once. If it has not fired yet, and its user-data has changed (EC2 allows that
 * while it is stopped), the user wants another run; the files of the first are moved aside.
 */
async function asksForAnother(folder: RunFolder, { imds, signal }: Known): Promise<boolean> {
  if (isThere(folder.firedJson)) return false;
  const before = await bytesOf(folder.userData);
  if (before === undefined) return false;
  const after = await imds.userData(signal);
  return after === undefined || !before.equals(after);
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
