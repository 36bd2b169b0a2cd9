/** Distinguishes a Tsung that will never end by itself from one that is still working. */

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../errors.ts';
import { readUntrustedEnd } from '../../../files/untrusted-text.ts';
import { counted } from '../../../text.ts';
import type { EngineOutput, Plan, Stalled } from '../../engine.ts';
import { endBytes, findLogFolder } from '../output/log-folder.ts';

/** tsung.log grows every second, but less often on a machine without spare CPU. */
const silenceMs = 5 * 60_000;
/** With over 1,000 users, Tsung waits a minute before it checks again whether all have ended. */
const emptyMs = 120_000;
/** The same before the first user, whom a slow machine starts late. */
const unbegunMs = 10 * 60_000;

/** What stays the same in the log while nothing is received or sent and no user ends. */
type Activity = Readonly<{ users: number; started: number; totals: string }>;

/**
 * Silence is a file that does not change, whatever the clocks of its writer and of this process.
 */
export function createStalled(output: EngineOutput, plan: Plan): Stalled {
  let log: string | undefined;
  let beforeMs = 0;
  let silentMs = 0;
  let quietMs = 0;
  let activity: Activity | undefined;

  return async (awakeMs) => {
    const roundMs = awakeMs - beforeMs;
    beforeMs = awakeMs;
    const path = join((await findLogFolder(output.dir)) ?? output.dir, 'tsung.log');
    const now = await versionOf(path);
    if (now === log) {
      silentMs += roundMs;
      return silentMs < silenceMs ? undefined : silent(now, silentMs);
    }
    [log, silentMs] = [now, 0];
    const { drainMs, plannedMs } = {
      drainMs: plan.limits.drainMs,
      plannedMs: plan.plannedDurationMs,
    };
    if (awakeMs < (plannedMs ?? 0)) return undefined;
    const seen = lastActivity(readUntrustedEnd(path, endBytes));
    // An engine that does not write is not quiet: only time that it has reported on counts.
    quietMs = seen !== undefined && seen.totals === activity?.totals ? quietMs + roundMs : 0;
    activity = seen;
    return seen && unending(seen, quietMs, drainMs);
  };
}

function silent(log: string | undefined, silentMs: number): Awaited<ReturnType<Stalled>> {
  const detail =
    log === undefined
      ? `tsung has not opened its log within ${span(silentMs)}`
      : `tsung has written no statistics for ${span(silentMs)}, although it writes them every second`;
  return { reason: 'stalled', detail };
}

function unending(
  { started, users }: Activity,
  quietMs: number,
  drainMs: number | undefined,
): Awaited<ReturnType<Stalled>> {
  if (users === 0) {
    if (quietMs < (started === 0 ? unbegunMs : emptyMs)) return undefined;
    const detail = `tsung has had no users for ${span(quietMs)} after the planned end, but does not end`;
    return { reason: 'stalled', detail };
  }
  if (drainMs === undefined || quietMs < drainMs) return undefined;
  const who = `${counted(users, 'user')} still waited`;
  const detail = `${who} for answers after the planned end, got none for ${span(quietMs)}, and ${users === 1 ? 'was' : 'were'} stopped`;
  return { reason: 'drain-limit', detail };
}

/** What the last whole block in this end of tsung.log says, if there is one. */
export function lastActivity(tail: string): Activity | undefined {
  const [, block] = tail.split('# stats: dump at ').toReversed();
  if (block === undefined || !tail.includes('# stats: dump at ')) return undefined;
  const totals = new Map<string, string>();
  for (const [, name = '', values = ''] of block.matchAll(/^stats: ([a-z_]+) (.*)$/gm)) {
    const [first = '', ...others] = values.trim().split(/ +/);
    if (!watched.test(name)) continue;
    // A sampled name: its count in this interval and in the earlier ones.
    totals.set(name, `${others.length === 6 ? Number(first) + Number(others.at(-1)) : others[0]}`);
    if (name === 'users') totals.set(name, first);
  }
  const users = Number(totals.get('users'));
  const started = Number(totals.get('users_count') ?? 0);
  if (Number.isNaN(users)) return undefined;
  return { users, started, totals: [...totals].sort().join(' ') };
}

const watched =
  /^(users|users_count|finish_users_count|size_rcv|size_sent|request|page|connect|error_.*)$/;

/** Undefined if there is no such file. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size } = await lstat(path);
    return `${size} ${mtimeMs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function span(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
