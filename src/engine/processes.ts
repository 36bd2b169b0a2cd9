/** Finds the processes of a run in /proc, and ends them. */

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../errors.ts';
import type { ProcessIdentity } from './handover/process-file.ts';

/**
 * What a run's processes are known by: the environment they inherit, and the session that its first
 * process leads. `planPath`: an argument of the supervisor, and so of its child until that has
 * become the engine.
 */
type RunProcesses = Readonly<{ marker: string; session?: number; planPath?: string }>;

type ProcessStat = Readonly<{
  pid: number;
  state: string;
  parent: number;
  session: number;
  startTime: number;
}>;

/** The name of the environment variable that holds a run's marker. */
export const markerName = 'ONAGER_RUN';

/**
 * /proc/PID/stat. The command's name may hold spaces and parentheses, so fields are counted from
 * the last `)`.
 */
export function parseStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const [state, parent, , session, ...more] = text.slice(end + 2).split(' ');
  const startTime = Number(more[15]);
  if (end < 0 || state === undefined || !Number.isInteger(startTime)) return undefined;
  return { pid, state, parent: Number(parent), session: Number(session), startTime };
}

/** Undefined where there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, pidStartTime: stat.startTime, bootId: bootId() };
}

export function isAlive(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now?.pidStartTime === process.pidStartTime && now.bootId === process.bootId;
}

export function isThisBoot(process: ProcessIdentity): boolean {
  return process.bootId === bootId();
}

/**
 * The living processes of a run: those that carry its marker or its plan, those in its session, and
 * all their descendants. A daemon leaves its group, session and parent, but keeps its environment:
 * that is how `epmd` and `heart` are found.
 */
export function processesOf({ marker, session, planPath }: RunProcesses): readonly number[] {
  const isOurs = ({ pid, session: its }: ProcessStat): boolean =>
    its === session ||
    environmentOf(pid).includes(marker) ||
    (planPath !== undefined && hasArgument(pid, planPath));
  const all = allStats();
  const found = new Set(all.filter(isOurs).map(({ pid }) => pid));
  found.delete(process.pid);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const stat of all) if (found.has(stat.parent)) found.add(stat.pid);
  }
  return [...found];
}

/** The supervisors of a plan, whether it is claimed or not. */
export function supervisorsOf(planPath: string): readonly number[] {
  return allStats().flatMap(({ pid }) => (hasArgument(pid, planPath) ? [pid] : []));
}

const maxRoundMs = 500;

/** Asks all processes of a run to end, then kills them; returns those that are still there. */
export async function endAll(
  run: RunProcesses,
  { graceMs, killMs = 60_000 }: { graceMs: number; killMs?: number },
): Promise<readonly number[]> {
  for (const pid of processesOf(run)) sendSignal(pid, 'SIGTERM');
  let lookedMs = performance.now();
  for (let waitedMs = 0; ; ) {
    const left = processesOf(run);
    const nowMs = performance.now();
    // If this process was frozen together with the others, that time does not count.
    waitedMs += Math.min(nowMs - lookedMs, maxRoundMs);
    lookedMs = nowMs;
    if (left.length === 0 || waitedMs > graceMs + killMs) return left;
    // Repeatedly, because a process may fork between being seen and being killed.
    if (waitedMs >= graceMs) for (const pid of left) sendSignal(pid, 'SIGKILL');
    await sleep(20);
  }
}

/**
 * To a process, or with a negative number to a process group. False if it is gone, or belongs to
 * another user.
 */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH') || hasCode(error, 'EPERM')) return false;
    throw error;
  }
}

function allStats(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
}

function hasArgument(pid: number, text: string): boolean {
  return readProc(`/proc/${pid}/cmdline`).split('\0').includes(text);
}

function readStat(pid: number): ProcessStat | undefined {
  const stat = parseStat(readProc(`/proc/${pid}/stat`));
  return stat === undefined || 'ZX'.includes(stat.state) ? undefined : stat;
}

function environmentOf(pid: number): readonly string[] {
  const prefix = `${markerName}=`;
  return readProc(`/proc/${pid}/environ`)
    .split('\0')
    .flatMap((entry) => (entry.startsWith(prefix) ? [entry.slice(prefix.length)] : []));
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Empty for a process that is gone, or that belongs to another user. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => hasCode(error, code))) return '';
    throw error;
  }
}
