/** The verdict on the generators of a cluster together: that of the worst of them. */

import { counted, formatInteger } from '../../text.ts';
import { tenth } from '../generator/figures.ts';
import { healthOf, type Judgement, type LoadFacts } from '../generator/health.ts';
import { judgeLaunches, launchesOf, type PlannedLoad } from '../generator/planned-users.ts';
import type { Reason } from '../generator/reason.ts';
import type { GeneratorDelay, GeneratorHealth } from '../measurements.ts';
import { sum } from '../sum.ts';

/** `toldMs`: until when its users are counted. `isOver`: nothing more of it will come. */
export type JudgedMember = Readonly<{
  instanceId: string;
  plan: PlannedLoad | undefined;
  usersStarted: number | undefined;
  toldMs: number;
  isOver: boolean;
  requests: number;
  judgement: Judgement;
}>;

type Said = Readonly<{ verdict: GeneratorHealth['verdict']; text: string }>;

/** The best first. */
const verdicts: readonly GeneratorHealth['verdict'][] = ['valid', 'strained', 'unknown', 'suspect'];

/** More are only counted: a thousand members may have as many reasons. */
const maxReasons = 20;
/** How many members a reason names. */
const maxNamed = 3;

/** `delay`: of all members' timers. */
export function wholeHealth(
  members: readonly JudgedMember[],
  { facts, delay }: Readonly<{ facts: LoadFacts; delay: GeneratorDelay | undefined }>,
): GeneratorHealth {
  const launches = launchReasons(members, facts);
  const said = [...launches, ...unwatched(members), ...saidBy(members)].toSorted(
    (a, b) => verdicts.indexOf(b.verdict) - verdicts.indexOf(a.verdict),
  );
  const worst = members.reduce(
    (most, { judgement }) => Math.max(most, verdicts.indexOf(healthOf(judgement).verdict)),
    launches.length > 0 ? verdicts.indexOf('suspect') : 0,
  );
  const more = said.length - maxReasons;
  return {
    verdict: verdicts[worst] ?? 'unknown',
    reasons: [
      ...said.slice(0, maxReasons).map(({ text }) => text),
      ...(more > 0 ? [`${counted(more, 'more reason')} of other members`] : []),
    ],
    ...(delay === undefined ? {} : { delay }),
    ...busyShare(members),
    ...figuresOfAll(members),
  };
}

/**
 * A member that is lost fires nothing from then on: too few users are launched of all, or, where
 * that could be chance, of its own share.
 */
function launchReasons(members: readonly JudgedMember[], facts: LoadFacts): readonly Reason[] {
  const { loadStartedMs, loadEndedMs, plan, usersStarted } = facts;
  if (loadStartedMs === undefined || loadEndedMs === undefined) return [];
  const told = countedUntil(members) ?? loadEndedMs;
  const time = {
    countedMs: Math.min(loadEndedMs, told) - loadStartedMs,
    ranMs: told - loadStartedMs,
  };
  const each = members.flatMap(({ instanceId, plan: own, usersStarted: started = 0 }) => {
    if (own === undefined) return [];
    const launched = { plan: own, usersStarted: started, ...time };
    const { due, isShort } = launchesOf(launched);
    const share = `${instanceId}: ${formatInteger(started)} of ${formatInteger(due)}`;
    const reasons = judgeLaunches(launched);
    return isShort ? [{ instanceId, share, reasons }] : [];
  });
  const whole = judgeLaunches({ plan, usersStarted, ...time });
  if (whole.length > 0 && each.length > 0) {
    const shares = named(
      each.map(({ share }) => share),
      '; ',
    );
    return whole.map(({ verdict, text }) => ({ verdict, text: `${text} (${shares})` }));
  }
  if (whole.length > 0) return whole;
  return each.flatMap(({ instanceId, reasons }) =>
    reasons.map(({ verdict, text }) => ({ verdict, text: `${instanceId}: ${text}` })),
  );
}

/** Until when users are counted of every member that still tells any. */
function countedUntil(members: readonly JudgedMember[]): number | undefined {
  const latest = members.reduce(
    (most, { toldMs }) => Math.max(most, toldMs),
    Number.NEGATIVE_INFINITY,
  );
  if (latest === Number.NEGATIVE_INFINITY) return undefined;
  return members
    .filter(({ isOver, toldMs }) => !isOver && latest - toldMs <= silentMs)
    .reduce((least, { toldMs }) => Math.min(least, toldMs), latest);
}

/** A member of which nothing came for so long is not waited for. */
const silentMs = 30_000;

/** While nothing is known of any of them, there is nothing to say of one. */
function unwatched(members: readonly JudgedMember[]): readonly Said[] {
  const without = members.filter(({ judgement }) => judgement.figures === undefined);
  if (without.length === 0 || without.length === members.length) return [];
  const who = named(without.map(({ instanceId }) => instanceId));
  return [{ verdict: 'unknown', text: `${who}: nothing was recorded about the machine` }];
}

/** What all members say alike is told once. */
function saidBy(members: readonly JudgedMember[]): readonly Said[] {
  const byText = new Map<string, { verdict: Reason['verdict']; who: string[] }>();
  for (const { instanceId, judgement } of members) {
    for (const { text, verdict } of [...judgement.late, ...judgement.others]) {
      const same = byText.get(text) ?? { verdict, who: [] };
      if (verdict === 'suspect') same.verdict = verdict;
      same.who.push(instanceId);
      byText.set(text, same);
    }
  }
  return [...byText].map(([text, { verdict, who }]) => ({
    verdict,
    text: who.length === members.length ? text : `${named(who)}: ${text}`,
  }));
}

function named(who: readonly string[], separator = ', '): string {
  const more = who.length - maxNamed;
  return `${who.slice(0, maxNamed).join(separator)}${more > 0 ? ` and ${more} more` : ''}`;
}

function busyShare(members: readonly JudgedMember[]): Pick<GeneratorHealth, 'busyRequestShare'> {
  const all = sum(members, ({ requests }) => requests);
  const isReason = members.some(({ judgement }) => judgement.busyRequestShare !== undefined);
  if (!isReason || all === 0) return {};
  const busy = sum(members, ({ requests, judgement }) => {
    return requests * (judgement.busyRequestShare ?? 0);
  });
  return { busyRequestShare: busy / all };
}

/** The mean of the members' means, and the largest of all. */
function figuresOfAll(members: readonly JudgedMember[]): Partial<GeneratorHealth> {
  const figures = members.flatMap(({ judgement }) => judgement.figures ?? []);
  if (figures.length === 0) return {};
  const most = (read: (its: (typeof figures)[number]) => number): number =>
    figures.reduce((largest, its) => Math.max(largest, read(its)), 0);
  return {
    cpuMeanPercent: tenth(sum(figures, ({ cpuMean }) => cpuMean) / figures.length),
    cpuMaxPercent: tenth(most(({ cpuMax }) => cpuMax)),
    stealMaxPercent: tenth(most(({ stealMax }) => stealMax)),
    memoryMaxPercent: tenth(most(({ memoryMax }) => memoryMax)),
  };
}
