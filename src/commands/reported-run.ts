/** What `onager report` reports: a run folder, or a run as it lies in the bucket. */

import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readExit } from '../engine/handover/exit-file.ts';
import { readPlan } from '../engine/handover/plan-file.ts';
import { messageOf, OnagerError } from '../errors.ts';
import { makeFolder } from '../files/files.ts';
import { kindOf, openCopy } from '../publish/copy/copy.ts';
import { publishedFiles } from '../publish/files.ts';
import type { ReportFile } from '../report/log-tails.ts';
import { copiedOutput } from '../results/members/copied-output.ts';
import type { ClusterOutput, MeasureOptions } from '../results/read-output.ts';
import type { RunFolder } from '../run/folder.ts';
import { readLoadEnd, withLoadEnd } from '../run/load-end.ts';
import { readResolved } from '../run/resolved.ts';
import type { RunState } from '../run/state.ts';
import { readRunState } from '../run/store.ts';
import { withWarnings } from '../run/warnings.ts';
import { endOfMembers } from './members-end.ts';
import { outputInWords } from './output.ts';

/** `whatToMeasure` is about files that are there until this is disposed of. */
type ReportedRun = AsyncDisposable &
  Readonly<{
    state: RunState;
    /** Some of the engine's files may not be there. */
    isPart: boolean;
    whatToMeasure: Omit<MeasureOptions, 'signal'>;
    listFiles(): Promise<readonly ReportFile[]>;
  }>;

type ReportOptions = Readonly<{
  reportDir: string;
  signal: AbortSignal;
  /** Aborted right before the process is ended: what was made for the time being goes now. */
  abandoned: AbortSignal;
}>;

/** A copy's chunks are joined in a folder of their own in `reportDir`. */
export async function openReportedRun(
  folder: RunFolder,
  options: ReportOptions,
): Promise<ReportedRun> {
  const isFolder = await stat(folder.root).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  const state = isFolder === false ? undefined : await readPart(folder.runJson, readRunState);
  if (state === undefined) {
    const { root, runJson } = folder;
    const what = isFolder === true ? `${runJson} is missing` : `there is no folder ${root}`;
    throw new OnagerError('RUN_UNREADABLE', what, {
      hint: 'name the folder of one run, such as /var/lib/onager/runs/20261122T221000Z-i-0abc, or a copy of one from the bucket',
    });
  }
  const kind = await kindOf(folder.root);
  if (kind === 'copy') return await openCopiedRun(folder, state, options);
  if (kind === 'mixed') throw mixed(folder);
  return await openRunFolder(folder, state);
}

async function openRunFolder(folder: RunFolder, found: RunState): Promise<ReportedRun> {
  const { engineDir } = folder;
  const resolved = await readPart(folder.resolvedJson, readResolved);
  if (resolved === undefined) throw neverPlanned(folder, 'or its resolved.json is broken');
  const { engine, settings } = resolved;
  const plan = await readPart(folder.planJson, readPlan);
  const members = copiedOutput(found.cluster, folder.membersDir);
  // The state of a leader says what was planned for all.
  const whole = members === undefined ? plan : (found.engine ?? plan);
  return {
    state: await readPart(folder.exitJson, () =>
      withOutcome(found, folder, { engineName: engine, members }),
    ),
    isPart: false,
    whatToMeasure: { engine, engineDir, plan: whole, slo: settings.slo, members },
    listFiles: () => publishedFiles(folder),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openCopiedRun(
  folder: RunFolder,
  state: RunState,
  { reportDir, signal, abandoned }: ReportOptions,
): Promise<ReportedRun> {
  const { engine, slo } = state;
  if (engine === undefined || slo === undefined) {
    throw neverPlanned(folder, 'or its run.json is of a version that does not say its objectives');
  }
  await using stack = new AsyncDisposableStack();
  const work = await makeWorkFolder(reportDir);
  stack.defer(() => rm(work, { recursive: true, force: true }));
  const leave = (): void => rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  abandoned.addEventListener('abort', leave);
  stack.defer(() => abandoned.removeEventListener('abort', leave));
  const { engineDir, membersDir, files, warning } = await openCopy(folder.root, state, {
    work,
    signal,
  });
  const warnings = withWarnings(state.warnings, warning === undefined ? [] : [warning]);
  const owned = stack.move();
  return {
    state: { ...state, warnings },
    isPart: warning !== undefined,
    whatToMeasure: {
      engine: engine.name,
      engineDir,
      plan: engine,
      slo,
      members: copiedOutput(state.cluster, membersDir),
    },
    listFiles: async () => files,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * The engine's files may be large: they go where the user has room for the report. As in a run
 * folder, nothing is read through a link, so the path is without one.
 */
async function makeWorkFolder(reportDir: string): Promise<string> {
  try {
    await makeFolder(reportDir);
    return await mkdtemp(join(await realpath(reportDir), '.joined-'));
  } catch (error) {
    throw outputInWords(reportDir, error);
  }
}

function mixed({ root }: RunFolder): OnagerError {
  const message = `${root} holds a copy of a run out of the bucket, and a folder engine/ beside it`;
  return new OnagerError('RUN_UNREADABLE', message, {
    hint: 'copy the run into an empty folder: which of the two is meant cannot be known',
  });
}

function neverPlanned({ root }: RunFolder, otherwise: string): OnagerError {
  const message = `the run in ${root} never came to a plan, ${otherwise}`;
  return new OnagerError('RUN_UNREADABLE', message, {
    hint: 'there is nothing to measure; what went wrong is in its run.json',
  });
}

/**
 * The state with its outcome, which an agent that was killed did not come to write. As it is where
 * that is known already, or where the engine never came to an end.
 */
async function withOutcome(
  state: RunState,
  { engineDir }: RunFolder,
  { engineName, members }: Readonly<{ engineName: string; members: ClusterOutput | undefined }>,
): Promise<RunState> {
  if (state.outcome !== undefined || state.problems.length > 0) return state;
  const exit = await readExit(engineDir);
  if (exit === undefined) return state;
  // The folder may have come from another machine, whose boots nobody knows here.
  const own = await readLoadEnd(state, { engineName, engineDir, exit, bootId: undefined });
  const end = members === undefined ? own : await endOfMembers(own, state, { engineName, members });
  const phase = end.outcome.kind === 'failed' ? 'failed' : 'finished';
  return { ...state, ...withLoadEnd(state, end), phase };
}

async function readPart<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (cause) {
    const words = messageOf(cause);
    throw new OnagerError('RUN_UNREADABLE', `${path} cannot be used: ${words}`, {
      hint: 'name the whole folder of one run as the agent left it, and see that you may read it',
      cause,
    });
  }
}
