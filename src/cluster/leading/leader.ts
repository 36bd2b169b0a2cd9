/** The member that leads: it starts and ends the load of all, and copies what they measure. */

import { dirname, join } from 'node:path';
import { claim } from '../../files/files.ts';
import type { Log } from '../../log.ts';
import type { MemberOutput } from '../../results/read-output.ts';
import { wait } from '../../retry.ts';
import { runFolder } from '../../run/folder.ts';
import type { AskMember } from '../channel/ask-member.ts';
import { type EndOrder, readStart, type StartOrder } from '../following/orders.ts';
import type { Member } from '../member.ts';
import { failedThere, memberLost } from '../member-errors.ts';
import { type Contact, createContact } from './contact.ts';

type LeaderOptions = Readonly<{
  /** The members other than the leader. */
  others: readonly Member[];
  ask: AskMember['ask'];
  /** Where a member's files are copied to, in a folder of its own. */
  membersDir: string;
  /** Where the start is written down, once it is decided; and beside it how each member ended. */
  startPath: string;
  log: Log;
  pace?: Readonly<{ everyMs: number; lostMs: number }>;
}>;

export type Leader = Readonly<{
  contacts: readonly Contact[];
  /** Resolves with the start of the load once every member is ready; it is on the disk by then. */
  start(signal: AbortSignal): Promise<StartOrder>;
  /** Ends the load of all members, or keeps them from starting. */
  end(order: EndOrder): void;
  /** From now on members that do not answer are not waited for. */
  ownHasEnded(): void;
  /** Those whose end is waited for. */
  unfinished(): readonly Member[];
  isLost(contact: Contact): boolean;
  /** Of the other members, in their rank. */
  outputs(): readonly MemberOutput[];
  /** Keeps in touch with all members until the signal is aborted. */
  lead(signal: AbortSignal): Promise<void>;
}>;

const leadPace = { everyMs: 1_000, lostMs: 30_000 };

/** For the supervisors of the engines, after every member has been asked once more. */
const startDelayMs = 800;

/** How often a clock is asked before the start. */
const clockQuestions = 7;

/** @throws OnagerError in `start`: CLUSTER_MEMBER_LOST, or what a member failed with */
export function createLeader(options: LeaderOptions): Leader {
  const { others, ask, membersDir, startPath, log } = options;
  const { everyMs, lostMs } = options.pace ?? leadPace;
  const contacts = others.map((member) => {
    const into = join(membersDir, member.instanceId);
    const endPath = join(dirname(startPath), `end-${member.instanceId}.json`);
    return createContact({ member, ask, into, endPath, log });
  });
  // Many members are asked less often: each question costs the leader a quarter of a millisecond.
  const hurryMs = Math.min(everyMs, Math.max(50, 5 * others.length));
  let due: Readonly<{ start?: StartOrder; end?: EndOrder }> = {};
  let isOwnOver = false;

  const isLost = (contact: Contact): boolean =>
    contact.isGivenUp() || Math.max(contact.silentMs(), contact.stuck().ms) >= lostMs;

  /** Once nobody waits for a member, what it still says is in no figure: it keeps that. */
  function isFinished(contact: Contact): boolean {
    if (isOwnOver && isLost(contact)) contact.giveUp();
    return contact.hasAll() || contact.isGivenUp();
  }

  function refuseIfHopeless(): void {
    for (const contact of contacts) {
      const { member } = contact;
      const { stage, problem } = contact.progress() ?? {};
      if (stage === 'failed' && problem !== undefined) throw failedThere(member, problem);
      if (isLost(contact)) throw memberLost(member, lostMs);
    }
  }

  /** Each has answered by now, so that its clock is known. */
  async function areAllReady(signal: AbortSignal): Promise<boolean> {
    if (!contacts.every((contact) => contact.progress()?.stage === 'ready')) return false;
    const measured = contacts.map((contact) => contact.measureClock(clockQuestions, signal));
    return (await Promise.all(measured)).every((isMeasured) => isMeasured);
  }

  return {
    contacts,
    async start(signal) {
      const known = await readStart(startPath);
      if (known === undefined) {
        while (!(await areAllReady(signal))) {
          refuseIfHopeless();
          await wait(hurryMs / 2, signal);
        }
        const ways = contacts.map((contact) => contact.clock()?.roundTripMs ?? 0);
        const atMs = Math.round(Date.now() + hurryMs + startDelayMs + 20 * Math.max(0, ...ways));
        await claim(startPath, JSON.stringify({ atMs }));
      }
      const start = (await readStart(startPath)) ?? known;
      if (start === undefined) throw new Error(`${startPath} is gone`);
      due = { ...due, start };
      return start;
    },
    end(order) {
      // The first reason counts, as for the leader's own load.
      due = { ...due, end: due.end ?? order };
    },
    ownHasEnded() {
      isOwnOver = true;
    },
    unfinished: () => contacts.filter((one) => !isFinished(one)).map(({ member }) => member),
    isLost,
    outputs: () =>
      contacts.map((contact) => ({
        instanceId: contact.member.instanceId,
        engineDir: runFolder(join(membersDir, contact.member.instanceId)).engineDir,
        clockOffsetMs: contact.clock()?.offsetMs ?? 0,
        hasEnded: async () => isFinished(contact),
      })),
    async lead(signal) {
      // Whoever has not heard of the start before a restart of this agent hears of it now.
      const start = await readStart(startPath);
      if (start !== undefined) due = { ...due, start };
      const meetings = contacts.map(async (contact) => {
        while (!signal.aborted) {
          await contact.meet(due, signal);
          const hasStarted = due.start !== undefined && Date.now() > due.start.atMs + everyMs;
          const isHurried = !hasStarted || isOwnOver;
          await wait(isHurried ? hurryMs : everyMs, signal).catch(() => {});
        }
      });
      while (!signal.aborted) {
        await wait(everyMs, signal).catch(() => {});
        for (const contact of contacts) contact.step(everyMs);
      }
      await Promise.all(meetings);
    },
  };
}
