/**
 * Opens the folder of this instance's run: the one it has had since its first boot, or a new one.
 */

import { chmod, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../aws/identity.ts';
import type { Imds } from '../aws/imds.ts';
import { hasCode } from '../errors.ts';
import { isThere } from '../files/files.ts';
import { findRun, runId } from './find.ts';
import { type RunFolder, runFolder } from './folder.ts';
import { type RunStore, readRunState } from './store.ts';

type Known = Readonly<{ instance: Identity; imds: Imds; store: RunStore; signal: AbortSignal }>;

/** Afterwards the store holds what an earlier process left and keeps itself in the folder. */
export async function openRun(runsDir: string, known: Known): Promise<RunFolder> {
  const { instance, store } = known;
  const found = await findRun(runsDir, instance.instanceId);
  if (found !== undefined && (await asksForAnother(runFolder(found), known))) {
    await rename(found, `${found}.replaced-${Date.now()}`);
    return await openRun(runsDir, known);
  }
  const folder = runFolder(found ?? join(runsDir, runId(instance)));
  await mkdir(folder.root, { recursive: true });
  // The engine's user may pass through to its scenario and its folder, and list nothing.
  await chmod(folder.root, 0o711);
  const left = await readRunState(folder.runJson);
  const { awaiting: _nothing, ...first } = store.current();
  if (left === 'unreadable')
    await rename(folder.runJson, `${folder.runJson}.unreadable-${Date.now()}`);
  const resumed = left !== undefined && left !== 'unreadable' && left.phase !== 'idle';
  const id = folder.root.split('/').at(-1) ?? runId(instance);
  const lifetime = left === 'unreadable' ? undefined : left?.lifetime;
  store.restore({
    ...(resumed ? left : first),
    onager: first.onager,
    instance,
    runId: id,
    ...(lifetime === undefined ? {} : { lifetime }),
  });
  await store.keepIn(folder.runJson);
  return folder;
}

/**
 * An instance fires once. One that has not fired, and whose user-data was changed since (which EC2
 * allows while it is stopped), has been asked for another run; what is left of the first is kept
 * aside.
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
