/** Tells systemd that the agent is up, and again and again that it is alive (sd_notify(3)); without systemd it does nothing. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';

export type NotifyOptions = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  log: Log;
  /** Ends the signs of life. */
  signal: AbortSignal;
}>;

/** systemd is told at least twice in the time after which it takes the agent for dead. */
const signsPerLimit = 3;
const answerMs = 10_000;

/**
 * Resolves once systemd knows. The signs of life come from the event loop: where that hangs, they stay out, and systemd
 * starts the agent anew. Node.js has no datagram sockets of the Unix kind, so `systemd-notify` speaks for it.
 */
export async function notifyReady({ env, pid, log, signal }: NotifyOptions): Promise<void> {
  const { NOTIFY_SOCKET, PATH, WATCHDOG_PID, WATCHDOG_USEC } = env;
  if (NOTIFY_SOCKET === undefined) return;

  async function tell(state: string): Promise<void> {
    try {
      await promisify(execFile)('systemd-notify', [state], {
        env: { NOTIFY_SOCKET, PATH },
        timeout: answerMs,
      });
    } catch (error) {
      log.warn({ err: error, state }, 'systemd could not be notified');
    }
  }

  await tell('READY=1');
  const limitMs = Number(WATCHDOG_USEC) / 1_000;
  if (!(limitMs > 0) || (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid))) return;
  const timer = setInterval(() => void tell('WATCHDOG=1'), limitMs / signsPerLimit);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
