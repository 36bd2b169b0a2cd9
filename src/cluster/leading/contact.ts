/** What the leader knows of one member, and the one question a second that it learns it from. */

import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import { claim, isThere } from '../../files/files.ts';
import type { Log } from '../../log.ts';
import type { AskMember } from '../channel/ask-member.ts';
import type { EndOrder, StartOrder } from '../following/orders.ts';
import { type MemberProgress, parseProgress } from '../following/progress.ts';
import type { Member } from '../member.ts';
import { type ClockOffset, createClockOffset } from './clock-offset.ts';
import { createFileCopier } from './copy-files.ts';

export type Contact = Readonly<{
  member: Member;
  progress(): MemberProgress | undefined;
  clock(): ClockOffset | undefined;
  /** Since when it does not answer; undefined while it does. */
  silentSince(): Date | undefined;
  /** For how long, in steps in which this process was awake. */
  silentMs(): number;
  /** For how long nothing more of a load that has ended comes, in the same steps, and why. */
  stuck(): Readonly<{ ms: number; why: string }>;
  /** Whether its engine has ended and everything it has written is here, also before a restart. */
  hasAll(): boolean;
  /** From now on it is neither asked nor copied, unless everything is here. */
  giveUp(): void;
  isGivenUp(): boolean;
  /** A step of `everyMs` in which this process was awake has passed. */
  step(everyMs: number): void;
  /** Asks once, gives the orders that are due, and copies its files. Never rejects. */
  meet(due: Due, signal: AbortSignal): Promise<void>;
  /** Whether it has answered all questions, and is ready. */
  measureClock(times: number, signal: AbortSignal): Promise<boolean>;
}>;

/** `start`: by the leader's clock. */
type Due = Readonly<{ start?: StartOrder; end?: EndOrder }>;

/** A busy machine may well let a question wait for a second or two. */
const toldSteps = 5;

type Question = Parameters<AskMember['ask']>[1];

type ContactOptions = Readonly<{
  member: Member;
  ask: AskMember['ask'];
  /** Where its files are copied to. */
  into: string;
  /** Where it is written down how it ended, once everything is here. */
  endPath: string;
  log: Log;
}>;

export function createContact({ member, ask, into, endPath, log }: ContactOptions): Contact {
  const ended = isThere(endPath) ? readFileSync(endPath, 'utf8') : undefined;
  const clock = createClockOffset();
  const copier = createFileCopier(into);
  let progress = ended === undefined ? undefined : parseProgress(ended);
  let silentMs = 0;
  let toldMs = Number.POSITIVE_INFINITY;
  let lastHeard = new Date();
  let wasHeard = true;
  let stuckMs = 0;
  let copiedBytes = 0;
  let lastFailure = '';
  let hasAll = ended !== undefined;
  let isDone = false;
  let isGivenUp = false;

  const isOver = (): boolean => progress?.stage === 'ended' || progress?.stage === 'failed';

  async function answerTo(question: Question, signal: AbortSignal): Promise<Buffer> {
    const { status, bytes } = await ask(member, question, signal);
    // One that does not come to follow is as good as silent.
    if (status < 500) [wasHeard, lastHeard] = [true, new Date()];
    if (status !== 200) throw new Error(`${question.path} was answered with status ${status}`);
    return bytes;
  }

  async function askProgress(signal: AbortSignal): Promise<void> {
    const askedMs = Date.now();
    const answer = parseProgress((await answerTo({ path: '/run/progress' }, signal)).toString());
    clock.add({ askedMs, answeredMs: Date.now(), theirsMs: answer.nowMs });
    progress = answer;
  }

  async function order(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    await answerTo({ method: 'POST', path, body }, signal);
  }

  async function giveOrders({ start, end }: Due, signal: AbortSignal): Promise<void> {
    const { stage, hasStart = false } = progress ?? {};
    if (start !== undefined && stage === 'ready' && !hasStart) {
      const { offsetMs = 0 } = clock.best() ?? {};
      await order('/run/start', { atMs: Math.round(start.atMs + offsetMs) }, signal);
    }
    if (end !== undefined && !isOver()) await order('/run/end', end, signal);
  }

  async function copyFiles(signal: AbortSignal): Promise<void> {
    const isLast = isOver();
    if (hasAll || (!isLast && progress?.stage !== 'running')) return;
    const get = (question: Question): Promise<Buffer> => answerTo(question, signal);
    await copier.copy(get, { isLast });
    // Once more after the end was seen: what was written before it is then all listed.
    if (isLast) await copier.copy(get, { isLast });
    hasAll = isLast;
  }

  return {
    member,
    progress: () => progress,
    clock: () => clock.best(),
    silentSince: () => (silentMs < toldMs && !isGivenUp ? undefined : lastHeard),
    silentMs: () => silentMs,
    stuck: () => ({ ms: stuckMs, why: lastFailure }),
    hasAll: () => hasAll,
    giveUp() {
      isGivenUp = !hasAll;
    },
    isGivenUp: () => isGivenUp,
    step(everyMs) {
      toldMs = toldSteps * everyMs;
      if (isDone || isGivenUp) return;
      silentMs = wasHeard ? 0 : silentMs + everyMs;
      wasHeard = false;
      const isStuck = isOver() && !hasAll && copier.copiedBytes() === copiedBytes;
      stuckMs = isStuck ? stuckMs + everyMs : 0;
      copiedBytes = copier.copiedBytes();
    },
    async meet(due, signal) {
      if (isDone || isGivenUp) return;
      try {
        await askProgress(signal);
        await giveOrders(due, signal);
        await copyFiles(signal);
        if (!hasAll || isGivenUp) return;
        // By then it may power off: a later start of this agent does not hear how it ended.
        await claim(endPath, JSON.stringify(progress));
        await order('/run/done', {}, signal);
        isDone = true;
      } catch (error) {
        if (signal.aborted) return;
        lastFailure = messageOf(error);
        log.debug({ err: error, member: member.instanceId }, 'a member does not answer');
      }
    },
    async measureClock(times, signal) {
      try {
        for (let time = 0; time < times; time += 1) await askProgress(signal);
      } catch {
        return false;
      }
      return progress?.stage === 'ready';
    },
  };
}
