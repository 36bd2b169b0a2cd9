/** Waits for the end of the engine, as its supervisor records it, up to a limit. */

import type { Exit, Plan } from '../../engine/engine.ts';
import { awaitedExit } from '../../engine/handover/exit-file.ts';
import { watchExit } from '../../engine/handover/exit-watch.ts';
import { type Fired, readFired } from '../../engine/handover/process-file.ts';
import { Deadline } from '../../engine/launcher/deadline.ts';
import { lostExit, writeLost } from '../../engine/launcher/lost.ts';
import { hasCode, type Problem } from '../../errors.ts';
import { RefusedFile } from '../../files/untrusted-file.ts';
import type { Run } from '../run.ts';

type EndPatience = Readonly<{
  /** How long the end may take after a request. */
  stopMs: number;
  /** How long a supervisor without a sign of life may be overdue. */
  marginMs: number;
  /** How long it may take to die once killed. */
  killMs: number;
  lookEveryMs: number;
}>;

/**
 * A supervisor with enough processor time needs at most five and a half minutes to end a load.
 * systemd kills it after seven.
 */
const endPatience: EndPatience = {
  stopMs: 330_000,
  marginMs: 120_000,
  killMs: 480_000,
  lookEveryMs: 1_000,
};
const looksPerCheck = 2;

/**
 * The supervisor writes exit.json as its last act. If it dies before that, the launcher cleans up
 * and writes it. A stuck supervisor no longer enforces any limit: it is killed, and abandoned if
 * that fails too. A supervisor that still writes its line every second is slow, not stuck. Only
 * time in which this process is awake counts.
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
  const deadline = new Deadline(engineDir, {
    ms: leftMs(limits, fired, now()),
    marginMs,
    lookEveryMs,
  });
  let killed = '';
  let isGivenUp = false;
  let earlyLooks = 0;
  void asked.then(() => deadline.hasten(stopMs, 'it was asked to'));

  async function endByForce(): Promise<void> {
    await launcher.reap(engineDir, killed);
    if (killed === '') await kill(run, deadline.since);
    else isGivenUp = await giveUp(engineDir, fired);
    killed = 'it was stuck, and was killed';
    deadline.force(killMs);
  }

  using news = watchExit(engineDir, run);
  for (let looks = 1; ; looks += 1) {
    deadline.look();
    const exit = await endTold(run, isGivenUp);
    if (typeof exit === 'object') return exit;
    earlyLooks = exit === 'early' ? earlyLooks + 1 : 0;
    if (earlyLooks === 1) deadline.hasten(0, 'its end was written');
    try {
      if (deadline.isOver) await endByForce();
      else if (looks % looksPerCheck === 0) await launcher.reap(engineDir, killed);
    } catch (error) {
      return await unwritten(run, error, fired, killed);
    }
    await news.within(pauseMs(earlyLooks, lookEveryMs));
  }
}

/**
 * The engine can write an exit.json too, so the file counts only once the launcher says that the
 * supervisor is gone, or once the supervisor is abandoned. `early`: the supervisor is still there.
 */
async function endTold(
  { folder: { engineDir }, launcher }: Pick<Run, 'folder' | 'launcher'>,
  isGivenUp: boolean,
): Promise<Exit | 'early' | undefined> {
  const seen = await awaitedExit(engineDir);
  if (seen === undefined || isGivenUp) return seen;
  if ((await launcher.status(engineDir)) === 'running') return 'early';
  // By now the supervisor has replaced any other file with its own.
  return await awaitedExit(engineDir);
}

/** A supervisor that has written its exit ends within moments. */
function pauseMs(earlyLooks: number, lookEveryMs: number): number {
  return earlyLooks === 0 ? lookEveryMs : Math.min(5 * 2 ** earlyLooks, lookEveryMs);
}

async function giveUp(engineDir: string, fired: Fired | undefined): Promise<true> {
  if (fired !== undefined)
    await writeLost(engineDir, fired, 'it was stuck, and could not be killed');
  return true;
}

/**
 * The end if neither the supervisor nor the launcher could write exit.json. By then, nothing of the
 * load is still running. Throws unrelated errors.
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

/** Uses the time of day only for what passed before this process started. */
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
    hint: 'it was killed, and the load with it; see engine/host.log or journalctl -u onager-engine',
  };
  log.error({ problem }, 'killing the engine');
  // A known interruption is the reason for the end; this is only the way it happened.
  if (store.current().interruption === undefined) await store.note({ interruption: problem });
  try {
    await launcher.kill(folder.engineDir);
  } catch (error) {
    log.error({ err: error }, 'killing the engine failed');
  }
}
