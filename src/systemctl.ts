/** Asks systemd through systemctl, which may answer late or not at all. */

import { execAtStart } from './exec.ts';

/** How long a systemctl may take that only asks, and one that changes something. */
export type AnswerTiming = Readonly<{ showMs: number; changeMs: number }>;

type Answer = Readonly<{ failed: boolean; words: string; stdout: string }>;
export type Ask = (args: readonly string[], signal?: AbortSignal) => Promise<Answer>;
type UnitState = Readonly<{ ActiveState: string; Result: string; ExecMainStatus: string }>;

/**
 * A systemctl that is given up is killed: what it asked for may still be done. `path`: where it is
 * looked for, if not in the usual places.
 */
export function createAsk(
  systemctl: string,
  { changeMs, showMs }: AnswerTiming,
  path?: string,
): Ask {
  return async (args, signal) => {
    const { ok, stdout, stderr, words } = await execAtStart(systemctl, {
      args: ['--no-ask-password', '--no-pager', ...args],
      timeoutMs: args[0] === 'show' ? showMs : changeMs,
      ...(path === undefined ? {} : { env: { PATH: path } }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { failed: !ok, words: stderr.trim() || `systemctl: ${words}`, stdout };
  };
}

/** A signal that is never aborted. */
export const never = new AbortController().signal;

/** Undefined where systemd does not answer: then nothing is known. */
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
