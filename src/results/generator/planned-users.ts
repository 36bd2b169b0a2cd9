/** Whether the engine started the planned users, at every moment of the load. */

import type { LoadPhase, Plan } from '../../engine/engine.ts';
import { counted, formatInteger } from '../../text.ts';
import { type Reason, suspect } from './reason.ts';

export type PlannedLoad = Pick<Plan, 'loadPhases' | 'plannedUsers' | 'plannedDurationMs'>;

type LaunchFacts = Readonly<{
  plan: PlannedLoad;
  usersStarted: number | undefined;
  /**
   * Since the load's start: until when the users are counted, and requests ended; and until when
   * the engine ran.
   */
  countedMs: number;
  ranMs: number;
}>;

const launchedShare = 0.95;
/**
 * Counts come once a second, and the first request may begin a little before the first count.
 */
const slackMs = 1_000;

export function judgeLaunches(facts: LaunchFacts): Reason[] {
  const { due, isShort, isThrough } = launchesOf(facts);
  if (!isShort) return [];
  const { usersStarted = 0 } = facts;
  const wanted = isThrough
    ? counted(due, 'planned user')
    : counted(due, 'user planned until then', 'users planned until then');
  const verb = usersStarted === 1 ? 'was' : 'were';
  return [suspect(`only ${formatInteger(usersStarted)} of ${wanted} ${verb} launched`)];
}

/** `due`: how many users were planned. `isThrough`: all of the plan's time has passed. */
type Launches = Readonly<{ due: number; isShort: boolean; isThrough: boolean }>;

// Users arrive at random, so a small number of them may well fall short by chance: three standard
// deviations are allowed for.
export function launchesOf({ plan, usersStarted, countedMs, ranMs }: LaunchFacts): Launches {
  const { plannedUsers, loadPhases } = plan;
  if (plannedUsers === undefined || usersStarted === undefined || loadPhases.length === 0)
    return { due: 0, isShort: false, isThrough: false };
  const isThrough = Math.max(countedMs, ranMs) >= endOf(loadPhases);
  const planned = isThrough
    ? plannedUsers
    : Math.min(plannedUsers, plannedUntil(loadPhases, countedMs - slackMs));
  const isShort = usersStarted < planned * launchedShare - 3 * Math.sqrt(planned);
  return { due: Math.round(planned), isShort, isThrough };
}

/** What one generator has to do of a plan. `share`: of the load, 0 to 1. */
export function partOf(plan: PlannedLoad, share: number): PlannedLoad {
  const { loadPhases, plannedUsers } = plan;
  return {
    ...plan,
    ...(plannedUsers === undefined ? {} : { plannedUsers: plannedUsers * share }),
    loadPhases: loadPhases.map((phase) => {
      const { arrivalRate, users } = phase;
      return {
        ...phase,
        ...(arrivalRate === undefined ? {} : { arrivalRate: arrivalRate * share }),
        ...(users === undefined ? {} : { users: users * share }),
      };
    }),
  };
}

function endOf(loadPhases: readonly LoadPhase[]): number {
  return loadPhases.reduce(
    (end, { startMs, durationMs }) => Math.max(end, startMs + durationMs),
    0,
  );
}

/** Of phases whose time is known. */
function plannedUntil(loadPhases: readonly LoadPhase[], untilMs: number): number {
  return loadPhases.reduce((sum, { startMs, durationMs, arrivalRate = 0, users = 0 }) => {
    const lastedMs = Math.min(Math.max(untilMs - startMs, 0), durationMs);
    return sum + Math.min((arrivalRate * lastedMs) / 1_000, users);
  }, 0);
}
