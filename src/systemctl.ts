/** Asks systemd by its systemctl, which may answer late, or not at all. */

import { execFile } from 'node:child_process';
import { messageOf } from './errors.ts';

/** How long one systemctl may take; one that only asks, and one that changes something. */
export type AnswerTiming = Readonly<{ showMs: number; changeMs: number }>;

export type Answer = Readonly<{ failed: boolean; words: string; stdout: string }>;
export type Ask = (args: readonly string[], signal?: AbortSignal) => Promise<Answer>;
type UnitState = Readonly<{ ActiveState: string; Result: string; ExecMainStatus: string }>;

/** A systemctl that is given up is killed: what it asked for may still be done. */
export function createAsk(systemctl: string, { changeMs, showMs }: AnswerTiming): Ask {
  return (args, signal = never) =>
    new Promise<Answer>((resolve) => {
      const all = ['--no-ask-password', '--no-pager', ...args];
      const timeout = args[0] === 'show' ? showMs : changeMs;
      const options = { killSignal: 'SIGKILL', signal, timeout } as const;
      execFile(systemctl, all, options, (error, stdout, stderr) => {
        const late = error?.killed === true ? `no answer within ${timeout / 1_000} s` : '';
        const words = stderr.trim() || late || (error?.message ?? '');
        resolve({ failed: error !== null, words, stdout });
      });
      // A machine without memory or processes to spare makes Node.js throw at once (ENOMEM, EPERM).
    }).catch((error: unknown) => ({ failed: true, words: messageOf(error), stdout: '' }));
}

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** Undefined where systemd does not answer: then nothing may be concluded. */
export async function showUnit(ask: Ask, unit: string): Promise<UnitState | undefined> {
  const { failed, stdout } = await ask(['show', '-pActiveState,Result,ExecMainStatus', unit]);
  if (failed) return undefined;
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    ActiveState: value('ActiveState'),
    Result: value('Result'),
    ExecMainStatus: value('ExecMainStatus'),
  };
}

export function isRunning(state: UnitState | undefined): boolean {
  return state === undefined || !['inactive', 'failed', ''].includes(state.ActiveState);
}

export function howItEnded(state: UnitState | undefined): string {
  if (state === undefined) return 'systemd does not answer';
  return `systemd says ${state.Result} (status ${state.ExecMainStatus})`;
}
