/** How much of its available processors the engine's busiest process used, by /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as proc from './proc.ts';

/** Linux counts processor time for /proc in ticks of this length, whatever the kernel's own are. */
const tickMs = 10;
/** A thread with this share of a process's work leaves no use for a second processor. */
const singleThreadShare = 0.9;
/** Threads are examined only if a process has used this much of one processor. */
const busyShare = 0.5;

/**
 * For the time since the call before, which was `stepMs` ago; undefined in the first call, and for
 * processes that are gone.
 */
type EngineCpu = (pids: readonly number[], stepMs: number) => number | undefined;

export function createEngineCpu(procDir: string): EngineCpu {
  const processes = createBusiest(procDir);
  const threads = createBusiest(procDir);

  return (pids, stepMs) => {
    const busiest = processes(pids.map(String));
    if (busiest === undefined || !(stepMs > 0)) return undefined;
    const { path: pid, ticks } = busiest;
    const taken = (ticks * tickMs) / stepMs;
    const ids = taken > busyShare ? listIfThere(join(procDir, pid, 'task')) : [];
    const thread = threads(ids.map((id) => join(pid, 'task', id)));
    const isSingle = thread !== undefined && thread.ticks >= ticks * singleThreadShare;
    const allowed = isSingle ? 1 : proc.parseAllowedCpus(readOrEmpty(join(procDir, pid, 'status')));
    return Math.min(100, (100 * taken) / allowed);
  };
}

type Busiest = Readonly<{ path: string; ticks: number }>;

/**
 * Which of several took the most processor time since the call before; undefined where none of them
 * was there then.
 */
function createBusiest(procDir: string): (paths: readonly string[]) => Busiest | undefined {
  let before = new Map<string, number>();
  return (paths) => {
    const now = new Map<string, number>();
    let busiest: Busiest | undefined;
    for (const path of paths) {
      const all = proc.parseTicks(readOrEmpty(join(procDir, path, 'stat')));
      if (all === undefined) continue;
      now.set(path, all);
      const ticks = all - (before.get(path) ?? Number.NaN);
      if (ticks >= (busiest?.ticks ?? 0)) busiest = { path, ticks };
    }
    before = now;
    return busiest;
  };
}

function listIfThere(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** A folder of /proc; empty if it cannot be read. Synchronous, which is cheapest here. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
