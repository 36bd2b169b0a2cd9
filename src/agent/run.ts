/** What the phases of a run need: its folder, its state, and access to the outside. */

import type { createCredentials } from '../aws/credentials.ts';
import type { Identity } from '../aws/identity.ts';
import type { Imds } from '../aws/imds.ts';
import type { Launcher } from '../engine/launcher/launcher.ts';
import type { OnagerError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { LiveResults } from '../report/live.ts';
import type { RunFolder } from '../run/folder.ts';
import { type Phase, phases, type Stage } from '../run/state.ts';
import type { RunStore } from '../run/store.ts';
import type { Settings } from '../settings/settings.ts';
import type { ClusterAccess } from './cluster/cluster.ts';

export type Run = Readonly<{
  folder: RunFolder;
  instance: Identity;
  store: RunStore;
  results: LiveResults;
  log: Log;
  imds: Imds;
  credentials: ReturnType<typeof createCredentials>;
  launcher: Launcher;
  /** Where to create the folder that agent and engine share, if they are different users. */
  sharedGroupDir?: string;
  imageSettingsPath: string;
  /** Variables that are set for every scenario: there is no warning if they are unused. */
  offeredVars: readonly string[];
  pageTemplate: string;
  /** Called when the settings become known, and each time they change. */
  learn(settings: Settings): void;
  /** Called with the settings of image and tags only, if the user-data is empty or broken. */
  bound(settings: Settings): void;
  cluster: ClusterAccess;
  /** Where people open this instance's page. */
  pageUrl(instance: Identity): string;
  /** Stops the load as a user would. */
  askToStop(): void;
  /** Ends the run early for another reason. */
  interrupt(reason: OnagerError): void;
  /** Resolves when a user asks to stop the load. */
  stopAsked: Promise<void>;
  /** Aborted when the run must end early for another reason, which is in the state. */
  interrupted: AbortSignal;
  /** Whether the engine's supervisor must prove that it is isolated. */
  provesIsolation: boolean;
  /** Aborted when the agent itself must end; the engine keeps running. */
  signal: AbortSignal;
  now(): Date;
}>;

/** Begins a phase, unless an earlier process of this run has already reached it. */
export async function reach(
  { store, log }: Pick<Run, 'store' | 'log'>,
  stage: Stage & Readonly<{ phase: (typeof phases)[number] }>,
): Promise<void> {
  const { phase } = stage;
  if (rank(store.current().phase) >= rank(phase)) return;
  log.info({ phase }, 'phase');
  await store.enter(stage);
}

/** Whether the load has not started yet, or is running. */
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
