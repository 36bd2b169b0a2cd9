/**
 * Keeps the state of the run: in memory for readers, and as a whole file on disk. `enter` and
 * `note` resolve once the change is written.
 */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Phase, PhaseRecord, RunFacts, RunState, RunStateReader, Stage } from './state.ts';
import { parseRunState } from './state-schema.ts';

export type RunStore = RunStateReader &
  Readonly<{
    /** Keeps the state in this file from now on, and writes it at once. */
    keepIn(path: string): Promise<void>;
    /** Replaces the whole state, in memory only: continues where an earlier process ended. */
    restore(state: RunState): void;
    /**
     * Changes fields. Resolves once the change is written, or could not be written; never rejects.
     */
    note(change: Partial<RunFacts>): Promise<void>;
    /**
     * Ends the current phase, begins the given one, and waits until that is on disk. If it is the
     * current phase already, only the other fields change.
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
   * A full or broken disk does not end the run: the content of run.json can be recovered from the
   * engine's files.
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

  // One write at a time; the next write includes all changes made during the current one.
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
 * The state that an earlier process left; undefined if there is none. Throws a SyntaxError that
 * says what is wrong with the file.
 */
export async function readRunState(path: string): Promise<RunState | undefined> {
  const json = await readIfThere(path);
  return json === undefined ? undefined : parseRunState(json);
}
