/**
 * Keeps the state of the run: in memory for readers, and whole on disk before anybody hears of a
 * change of phase.
 */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Phase, RunState, RunStateReader } from './state.ts';
import { parseRunState } from './state-schema.ts';

export type RunStore = RunStateReader &
  Readonly<{
    /** From now on the state is kept in this file, which is written at once. */
    keepIn(path: string): Promise<void>;
    /** Replaces the whole state, in memory only; for picking up where an earlier process ended. */
    restore(state: RunState): void;
    /**
     * Changes fields; resolves, and never rejects, once the change has been written as far as that
     * is possible.
     */
    note(change: Partial<RunState>): Promise<void>;
    /** Ends the phase that is running, begins this one, and waits until that is on disk. */
    enter(phase: Phase, change?: Partial<RunState>): Promise<void>;
  }>;

export function createRunStore({
  initial,
  onWriteError,
  now = () => new Date(),
}: {
  initial: RunState;
  /**
   * A full or broken disk does not end the run: what run.json would say can be found out again from
   * the engine's files.
   */
  onWriteError(error: unknown): void;
  now?: () => Date;
}): RunStore {
  let state = initial;
  let path: string | undefined;
  let written: Promise<void> = Promise.resolve();
  let dirty = false;
  const listeners = new Set<(state: RunState) => void>();

  function set(next: RunState): void {
    state = next;
    dirty = true;
    for (const listener of listeners) listener(state);
  }

  // One write at a time; changes made while one is under way are all taken by the next.
  function persist(): Promise<void> {
    written = written.then(async () => {
      if (!dirty || path === undefined) return;
      dirty = false;
      try {
        await writeWhole(path, `${JSON.stringify(state, undefined, 2)}\n`);
      } catch (error) {
        dirty = true;
        onWriteError(error);
      }
    });
    return written;
  }

  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async keepIn(file) {
      path = file;
      dirty = true;
      await persist();
    },
    restore: set,
    async note(change) {
      set({ ...state, ...change });
      await persist();
    },
    async enter(phase, change = {}) {
      const at = now().toISOString();
      const ended = state.phases.map((record) =>
        record.endedAt === undefined ? { ...record, endedAt: at } : record,
      );
      const { awaiting: _over, ...rest } = state;
      set({ ...rest, ...change, phase, phases: [...ended, { phase, startedAt: at }] });
      await persist();
    },
  };
}

/** The state an earlier process left. The caller keeps an unreadable file aside. */
export async function readRunState(path: string): Promise<RunState | 'unreadable' | undefined> {
  const json = await readIfThere(path);
  if (json === undefined) return undefined;
  try {
    return parseRunState(json);
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}
