/**
 * Keeps the state of the run: in memory for readers, and whole on disk before anybody hears of a
 * change of phase.
 */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Phase, PhaseRecord, RunFacts, RunState, RunStateReader, Stage } from './state.ts';
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
    note(change: Partial<RunFacts>): Promise<void>;
    /**
     * Ends the current phase, begins the one that is named, and waits until that is on disk. If it
     * is the current phase, only the rest changes.
     */
    enter(next: Stage & Partial<RunFacts>): Promise<void>;
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

  function begun(phase: Phase): readonly PhaseRecord[] {
    const at = now().toISOString();
    const ended = state.phases.map((record) => ({ endedAt: at, ...record }));
    return [...ended, { phase, startedAt: at }];
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
    async enter(next) {
      const { awaiting: _over, outcome: _before, phase, ...facts } = state;
      set({ ...facts, ...next, phases: phase === next.phase ? facts.phases : begun(next.phase) });
      await persist();
    },
  };
}

/**
 * The state that an earlier process left; undefined where there is none. Throws a SyntaxError that
 * says what is wrong with the file.
 */
export async function readRunState(path: string): Promise<RunState | undefined> {
  const json = await readIfThere(path);
  return json === undefined ? undefined : parseRunState(json);
}
