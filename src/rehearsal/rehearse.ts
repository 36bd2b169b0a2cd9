/**
 * `onager rehearse`: the whole run on this machine. Only EC2 and S3 are simulated; agent and engine
 * are the real ones.
 */

import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createProgress, type Terminal } from '../console/progress.ts';
import { diskFaultAt } from '../disk-fault.ts';
import { OnagerError, problemText } from '../errors.ts';
import { exitCodeOf } from '../report/exit-code.ts';
import type { Summary } from '../report/summary.ts';
import { closingTable } from '../report/table.ts';
import { wait } from '../retry.ts';
import { isOver, type RunState } from '../run/state.ts';
import { counted } from '../text.ts';
import { openOutFolder } from './out-folder.ts';
import { type Agreement, agreeToFire } from './planned-fire.ts';
import { announcer, createShown, pageOf, type ShownInstance } from './shown-instance.ts';
import { type SimulationOptions, startSimulation } from './simulation.ts';

type RehearsalOptions = SimulationOptions &
  Readonly<{
    keepServing: boolean;
    terminal: Terminal;
    ask: Agreement;
    /**
     * Aborted by the first Ctrl-C: ends the load, keeps the results; after the run, ends serving.
     */
    interrupted: AbortSignal;
    /** Aborted by the second Ctrl-C: leaves at once. */
    abandoned: AbortSignal;
  }>;

const lookEveryMs = 250;
/** The exit code by which a shell tells that Ctrl-C ended a command. */
const abandonedExit = 130;

/**
 * The exit code of the command: 0, 1 (rules missed, or thresholds of the scenario), 3 (the run did
 * not complete), 65 (the scenario is wrong).
 */
export async function rehearse(options: RehearsalOptions): Promise<number> {
  const { terminal, interrupted, abandoned } = options;
  await using folder = await openOutFolder(options.out);
  const out = folder.path;
  await using simulation = await startSimulation({
    ...options,
    out,
    signal: interrupted,
    async beforeStart(launch) {
      const { ask, count } = options;
      const size = await agreeToFire(launch, { say: terminal.write, ask, signal: interrupted });
      if (count === 1 && size !== undefined && size > 1) terminal.write(aloneText(size));
      await folder.empty();
      return size;
    },
  });
  const { bucket, instanceDir, instances, target } = simulation;
  const over = new AbortController();
  const shown = createShown(instances);
  void stopWhenAsked(shown, { terminal, interrupted, over: over.signal });
  const following = follow(shown, { terminal, out }, AbortSignal.any([abandoned, over.signal]));
  const left = instances.map(({ agent }) => agent.done);
  const end = await Promise.race([following, ...left]).finally(() => over.abort());
  if (typeof end !== 'object') {
    const where = instances.length === 1 ? instanceDir : out;
    terminal.write(`\nLeft at once, without a report. What was measured is in ${where}\n`);
    return abandonedExit;
  }
  await bucket.exportTo(join(out, 'bucket'));
  await rm(join(out, '.bucket'), { recursive: true, force: true });

  const run = join(shown.now().instanceDir, 'runs', end.run.runId);
  terminal.write(closing(end, target.served(), { out, run, terminal }));
  if (options.keepServing && !interrupted.aborted) {
    terminal.write(`\nThe page stays until Ctrl-C: ${await pageOf(shown.now())}\n`);
    await once(interrupted, 'abort');
  }
  return exitCodeOf(end.run, end.summary?.slo.verdict);
}

/** The agent may not be up yet, or may be restarting: it is asked until it answers. */
async function stopWhenAsked(
  shown: ShownInstance,
  {
    terminal,
    interrupted,
    over,
  }: Pick<RehearsalOptions, 'terminal' | 'interrupted'> & Readonly<{ over: AbortSignal }>,
): Promise<void> {
  if (!interrupted.aborted) await once(interrupted, 'abort', { signal: over }).catch(() => {});
  if (over.aborted) return;
  terminal.write('\nThe load is being ended; its results are kept. Ctrl-C again leaves at once.\n');
  while (!over.aborted && !(await shown.now().api.stop(over)))
    await wait(lookEveryMs, over).catch(() => {});
}

type End = Readonly<{ run: RunState; summary: Summary | undefined }>;

/** Until nothing more will happen: finished, failed or idle, and published. */
async function follow(
  shown: ShownInstance,
  { terminal, out }: Readonly<{ terminal: Terminal; out: string }>,
  signal: AbortSignal,
): Promise<End | undefined> {
  const narrator = createProgress(terminal, Date.now);
  const announce = announcer(shown, terminal);
  while (!signal.aborted) {
    await announce();
    const { api, instanceDir } = shown.now();
    const run = await api.run(signal);
    if (run !== undefined) {
      shown.learn(run);
      const isBar = run.phase === 'running' && terminal.isTTY;
      narrator.hear(run, isBar ? await api.summary(signal) : undefined);
      await refuseFull({ out, instanceDir }, run);
    }
    if (run !== undefined && isPublished(run)) {
      narrator.quiet();
      const summary = await api.lastSummary(signal);
      return signal.aborted ? undefined : { run, summary };
    }
    await wait(lookEveryMs, signal).catch(() => {});
  }
  return undefined;
}

/**
 * The bucket is on the same disk: to retry for as long as an instance does would be to wait for
 * ever.
 */
async function refuseFull(
  { out, instanceDir }: Readonly<{ out: string; instanceDir: string }>,
  { phase, publish, runId }: RunState,
): Promise<void> {
  if (publish?.problem === undefined || phase !== 'publishing') return;
  const fault = await diskFaultAt(out);
  if (fault === undefined) return;
  const kept = join(instanceDir, 'runs', runId);
  throw new OnagerError(fault.code, `the bucket cannot store more: ${fault.message}`, {
    hint: `what was measured is kept: once there is room, \`onager report ${kept}\` writes its report`,
  });
}

function aloneText(size: number): string {
  return `the scenario is for a cluster of ${size}: one instance fires all of its load here; --count ${size} rehearses all\n`;
}

function isPublished(run: RunState): boolean {
  if (run.phase === 'idle') return true;
  return isOver(run) && (run.publish === undefined || run.publish.whole);
}

function closing(
  { run, summary }: End,
  served: number,
  { out, run: folder, terminal }: Readonly<{ out: string; run: string; terminal: Terminal }>,
): string {
  const problems = run.problems.map(problemText);
  const reached = served === 0 ? '' : `The target counted ${counted(served, 'request')}.\n`;
  const table =
    summary === undefined
      ? ''
      : `\n${closingTable(summary, terminal.isTTY ? { width: terminal.columns } : {})}\n${reached}`;
  return [
    '\n',
    ...problems,
    table,
    `\nreport   ${join(folder, 'report', 'report.html')}\n`,
    `bucket   ${join(out, 'bucket')}\n`,
  ].join('');
}
