/**
 * Notifies systemd that the agent is up, and regularly that it is alive (sd_notify(3)). Does
 * nothing without systemd.
 */

import { execAtStart } from '../exec.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';

type NotifyOptions = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  log: Log;
  /** Ends the notifications. */
  signal: AbortSignal;
}>;

/** How many notifications are sent within the watchdog's time limit. */
const signsPerLimit = 10;
/**
 * The time limit of one systemd-notify process, which starts slowly on a machine under full load.
 */
const answerMs = 60_000;
const againMs = 1_000;

/**
 * Ends with the signal. READY is repeated until it succeeds. The notifications come from the event
 * loop: if that hangs, they stop, and systemd restarts the agent. Node.js has no Unix datagram
 * sockets, so `systemd-notify` sends them.
 */
export async function keepNotifyingSystemd({
  env,
  pid,
  log,
  signal,
}: NotifyOptions): Promise<void> {
  const { NOTIFY_SOCKET, PATH, WATCHDOG_PID, WATCHDOG_USEC } = env;
  if (NOTIFY_SOCKET === undefined) return;

  async function tell(state: string): Promise<boolean> {
    const env = { NOTIFY_SOCKET, PATH };
    const end = await execAtStart('systemd-notify', {
      args: [state],
      env,
      timeoutMs: answerMs,
      signal,
    }).catch(() => undefined);
    if (end?.ok === false)
      log.warn({ error: end.stderr.trim() || end.words, state }, 'systemd could not be notified');
    return end?.ok === true;
  }

  const pause = (ms: number): Promise<void> => wait(ms, signal).catch(() => undefined);
  while (!(await tell('READY=1')) && !signal.aborted) await pause(againMs);
  const limitMs = Number(WATCHDOG_USEC) / 1_000;
  if (!(limitMs > 0) || (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid))) return;
  while (!signal.aborted) {
    await pause(limitMs / signsPerLimit);
    if (!signal.aborted) await tell('WATCHDOG=1');
  }
}
