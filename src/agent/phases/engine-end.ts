/** Waits for the engine's end, which its supervisor tells, and no longer than that can take. */

import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Exit, Plan } from '../../engine/engine.ts';
import { generatorFile } from '../../engine/generator/sample.ts';
import { awaitedExit, exitFile } from '../../engine/handover/exit-file.ts';
import { type Fired, readFired } from '../../engine/handover/process-file.ts';
import { lostExit, writeLost } from '../../engine/launcher/lost.ts';
import { hasCode, type Problem } from '../../errors.ts';
import { RefusedFile } from '../../files/untrusted-file.ts';
import { wait } from '../../retry.ts';
import type { Run } from '../run.ts';

export type EndPatience = Readonly<{
  /** How long the end may take once it is asked for. */
  stopMs: number;
  /** How long a supervisor may be late without a sign of life. */
  marginMs: number;
  /** How long killing it may take. */
  killMs: number;
  lookEveryMs: number;
}>;

/** A host that has all the processor it needs takes five and a half minutes for an end, and systemd kills it after seven. */
const endPatience: EndPatience = {
  stopMs: 330_000,
  marginMs: 120_000,
  killMs: 480_000,
  lookEveryMs: 1_000,
};
const looksPerCheck = 2;

/**
 * The host writes exit.json as its last act. If it dies before, the launcher cleans up after it and writes it.
 * A host that is stuck keeps none of the limits that it is there to keep: it is killed, and given up if even that fails. One
 * that goes on writing its line a second is slow, and not stuck. Time counts while this process is awake.
 * `asked`: resolves when the launcher is asked for an early end.
 */
export async function untilEnded(
  run: Pick<Run, 'folder' | 'launcher' | 'log' | 'now' | 'signal' | 'store'>,
  {
    limits,
    asked,
    patience: { stopMs, marginMs, killMs, lookEveryMs } = endPatience,
  }: Readonly<{ limits: Plan['limits']; asked: Promise<unknown>; patience?: EndPatience }>,
): Promise<Exit> {
  const { folder, launcher, now } = run;
  const { engineDir } = folder;
  const fired = await readFired(engineDir).catch(() => undefined);
  let awakeMs = 0;
  let lookedMs = performance.now();
  let sign = signOfLife(engineDir);
  const deadline = (ms: number, since: string): Deadline => ({ atMs: awakeMs + ms, since });
  // By a clock that nobody sets: only what went by before this process is told by the time of day.
  let late = deadline(leftMs(limits, fired, now()) + marginMs, 'its time was up');
  let killed = '';
  let isGivenUp = false;
  let earlyLooks = 0;

  function look(): void {
    const nowMs = performance.now();
    awakeMs += Math.min(nowMs - lookedMs, 2 * lookEveryMs);
    lookedMs = nowMs;
    const last = signOfLife(engineDir);
    if (last !== sign && killed === '')
      late = { ...late, atMs: Math.max(late.atMs, awakeMs + marginMs) };
    sign = last;
  }

  function hasten(ms: number, since: string): void {
    const soon = deadline(ms, since);
    if (killed === '' && soon.atMs < late.atMs) late = soon;
  }

  void asked.then(() => hasten(stopMs + marginMs, 'it was asked to'));

  async function endByForce(): Promise<void> {
    await launcher.reap(engineDir, killed);
    if (killed === '') await kill(run, late.since);
    else isGivenUp = await giveUp(engineDir, fired);
    killed = 'it was stuck, and was killed';
    late = deadline(killMs, late.since);
  }

  using news = watchExit(engineDir, run);
  for (let looks = 1; ; looks += 1) {
    look();
    const exit = await endTold(run, isGivenUp);
    if (typeof exit === 'object') return exit;
    earlyLooks = exit === 'early' ? earlyLooks + 1 : 0;
    if (earlyLooks === 1) hasten(marginMs, 'its end was written');
    try {
      if (awakeMs > late.atMs) await endByForce();
      else if (looks % looksPerCheck === 0) await launcher.reap(engineDir, killed);
    } catch (error) {
      return await unwritten(run, error, fired, killed);
    }
    await news.within(pauseMs(earlyLooks, lookEveryMs));
  }
}

/**
 * The engine can write an exit.json as well as its host can: it is the end only where the launcher
 * says that the host is gone, or nobody waits for that any more. `early`: the host is still there.
 */
async function endTold(
  { folder: { engineDir }, launcher }: Pick<Run, 'folder' | 'launcher'>,
  isGivenUp: boolean,
): Promise<Exit | 'early' | undefined> {
  const seen = await awaitedExit(engineDir);
  if (seen === undefined || isGivenUp) return seen;
  if ((await launcher.status(engineDir)) === 'running') return 'early';
  // By now what the host wrote as its last act has taken the place of anything else.
  return await awaitedExit(engineDir);
}

/** A host that has written its exit is gone in a moment. */
function pauseMs(earlyLooks: number, lookEveryMs: number): number {
  return earlyLooks === 0 ? lookEveryMs : Math.min(5 * 2 ** earlyLooks, lookEveryMs);
}

async function giveUp(engineDir: string, fired: Fired | undefined): Promise<true> {
  if (fired !== undefined)
    await writeLost(engineDir, fired, 'it was stuck, and could not be killed');
  return true;
}

/** The kernel tells as soon as there is an exit.json; where it cannot, it is seen at the next look. */
function watchExit(
  dir: string,
  { log, signal }: Pick<Run, 'log' | 'signal'>,
): Disposable & Readonly<{ within(delayMs: number): Promise<void> }> {
  let news = new AbortController();
  let either = AbortSignal.any([signal, news.signal]);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dir, { persistent: false }, (_, name) => {
      if (name === exitFile) news.abort();
    });
    watcher.on('error', (error) => log.warn({ err: error }, 'the run folder cannot be watched'));
  } catch (error) {
    log.warn({ err: error }, 'the run folder cannot be watched');
  }
  return {
    async within(delayMs) {
      try {
        // News that came since the last look end the wait before it begins.
        await wait(delayMs, either);
      } catch (error) {
        signal.throwIfAborted();
        if (!news.signal.aborted) throw error;
        news = new AbortController();
        either = AbortSignal.any([signal, news.signal]);
      }
    },
    [Symbol.dispose]: () => watcher?.close(),
  };
}

/**
 * The end where neither the host nor the launcher could write exit.json; what is left of the load
 * is ended by then. Throws an error that is about something else.
 */
async function unwritten(
  { folder, log }: Pick<Run, 'folder' | 'log'>,
  error: unknown,
  fired: Fired | undefined,
  killed: string,
): Promise<Exit> {
  const why = whyUnwritten(error);
  if (fired === undefined || why === undefined) throw error;
  log.error({ err: error }, 'the end of the engine could not be written');
  return await lostExit(folder.engineDir, fired, killed, why);
}

function whyUnwritten(error: unknown): string | undefined {
  if (error instanceof RefusedFile) return error.message;
  return hasCode(error, 'ENOSPC') ? 'the disk is full' : undefined;
}

type Deadline = Readonly<{ atMs: number; since: string }>;

/** The host writes a line a second, until all of the engine has ended. */
function signOfLife(engineDir: string): number | undefined {
  return lstatSync(join(engineDir, generatorFile), { throwIfNoEntry: false })?.size;
}

function leftMs({ durationMs }: Plan['limits'], fired: Fired | undefined, now: Date): number {
  const goneMs = fired === undefined ? 0 : now.getTime() - Date.parse(fired.firedAt);
  return Math.min(Math.max(durationMs - goneMs, 0), durationMs);
}

async function kill(
  { folder, launcher, log, store }: Parameters<typeof untilEnded>[0],
  since: string,
): Promise<void> {
  const problem: Problem = {
    code: 'ENGINE_HOST_STUCK',
    message: `the engine's supervisor did not end the load when ${since}`,
    hint: 'it is killed, and the load with it; engine/host.log or journalctl -u onager-engine has its last words',
  };
  log.error({ problem }, 'killing the engine');
  // What came before is why it should have ended; this is only how.
  if (store.current().interruption === undefined) await store.note({ interruption: problem });
  try {
    await launcher.kill(folder.engineDir);
  } catch (error) {
    log.error({ err: error }, 'killing the engine failed');
  }
}
