/** What the parts of gathering need to know. */

import type { AskMember } from '../channel/ask-member.ts';
import type { Member } from '../member.ts';
import type { Ballot } from './ballot.ts';
import type { Roster } from './roster.ts';

export type GatherOptions = Readonly<{
  self: Member;
  /** The id of the run, if this member leads it. */
  runId: string;
  size: number;
  /** With fewer nobody fires. */
  quorum: number;
  /** After it, `quorum` members are enough. */
  timeoutMs: number;
  roster: Roster;
  ballot: Ballot;
  ask: AskMember['ask'];
  membershipPath: string;
  onWaiting(waiting: Gathering): void;
  pace: GatherPace;
}>;

/**
 * `members`: those who have answered this one, itself included: all where it leads, few elsewhere.
 * `count`: how many there are as far as is known. `leftMs`: until fewer than all are enough.
 */
export type Gathering = Readonly<{
  members: readonly Member[];
  count: number;
  size: number;
  leftMs: number;
}>;

/**
 * `silentMs`: so long an answer is waited for. `lostMs`: so long a member may be silent before it
 * is given up.
 */
type GatherPace = Readonly<{ everyMs: number; silentMs: number; lostMs: number }>;

export const defaultPace: GatherPace = { everyMs: 1_000, silentMs: 5_000, lostMs: 30_000 };
