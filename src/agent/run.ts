/** What every phase of a run is given: the run's folder, its state, and the ways to reach the world. */

import type { createCredentials } from '../aws/credentials.ts';
import type { Identity } from '../aws/identity.ts';
import type { Imds } from '../aws/imds.ts';
import type { Launcher } from '../engine/launcher/launcher.ts';
import type { Log } from '../log.ts';
import type { LiveResults } from '../report/live.ts';
import type { RunFolder } from '../run/folder.ts';
import { type Phase, phases } from '../run/state.ts';
import type { RunStore } from '../run/store.ts';
import type { Settings } from '../settings/settings.ts';

export type Run = Readonly<{
  folder: RunFolder;
  instance: Identity;
  store: RunStore;
  results: LiveResults;
  log: Log;
  imds: Imds;
  credentials: ReturnType<typeof createCredentials>;
  launcher: Launcher;
  /** Where the folder is made that agent and engine share, if they are two users. */
  sharedGroupDir?: string;
  imageSettingsPath: string;
  pageTemplate: string;
  /** Called as soon as settings are known, and again when they change: who may see the page, where to publish. */
  learn(settings: Settings): void;
  /** Called with what holds whatever is wrong with the user-data. */
  bound(settings: Settings): void;
  /** Resolves when somebody asks for the end of the load. */
  stopAsked: Promise<void>;
  /** Aborted when the run must end early, though nobody asks for it: the state says why. */
  interrupted: AbortSignal;
  /** Whether the engine's host must prove that it is walled in. */
  provesIsolation: boolean;
  /** Aborted when the agent itself is told to end; the engine goes on. */
  signal: AbortSignal;
  now(): Date;
}>;

/** Begins a phase unless an earlier process of this run has come that far. */
export async function reach({ store, log }: Run, phase: (typeof phases)[number]): Promise<void> {
  if (rank(store.current().phase) >= rank(phase)) return;
  log.info({ phase }, 'phase');
  await store.enter(phase);
}

/** Whether there is still a load to come, or one that runs. */
export function isBeforeItsEnd(phase: Phase): boolean {
  return phase !== 'failed' && phase !== 'idle' && rank(phase) <= rank('running');
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** A signal that is aborted when the promise resolves. */
export function whenResolved(promise: Promise<void>): AbortSignal {
  const controller = new AbortController();
  void promise.then(() => controller.abort());
  return controller.signal;
}

function rank(phase: Phase): number {
  const order: readonly Phase[] = phases;
  return order.indexOf(phase);
}
