/**
 * Whether the load generator had CPU time left: for the whole machine, and for the engine's own
 * processes.
 */

import { percent, type Reason, seconds, strained, suspect } from './reason.ts';

/**
 * `cpu`: percent of the machine, or of the processors that the engine can use, whichever was
 * busier.
 */
type CpuSample = Readonly<{ atMs: number; stepMs: number; cpu: number }>;

/**
 * Above `busy`, processes begin to wait for a processor; above `full`, nearly all of them do.
 */
const limits = {
  busyPercent: 80,
  busyMs: 3_000,
  busyShare: 0.2,
  fullPercent: 90,
  fullRequests: 0.01,
  spentPercent: 95,
  spentMs: 5_000,
};

/** `requestsBetween`: how many requests ended in a period. */
type CpuFacts = Readonly<{
  samples: readonly CpuSample[];
  requestsBetween: (fromMs: number, toMs: number) => number;
  requests: number;
}>;

/** `busyRequestShare`: the share of requests that ended while it was busy, 0 to 1. */
type CpuVerdict = Readonly<{ reasons: readonly Reason[]; busyRequestShare?: number }>;

export function judgeCpu({ samples, requestsBetween, requests }: CpuFacts): CpuVerdict {
  const wholeMs = timeOf(samples);
  if (wholeMs === 0) return { reasons: [] };
  const shareAbove = (limit: number): number => {
    const ended = samples
      .filter(({ cpu }) => cpu > limit)
      .reduce((sum, { atMs, stepMs }) => sum + requestsBetween(atMs - stepMs, atMs), 0);
    return requests === 0 ? 0 : Math.min(1, ended / requests);
  };
  const { verdict, text } = cpuReason(samples, wholeMs, shareAbove) ?? {};
  if (verdict === undefined || text === undefined) return { reasons: [] };
  if (requests === 0) return { reasons: [{ verdict, text }] };
  const busyRequestShare = shareAbove(limits.busyPercent);
  const concerned = `${percent(100 * busyRequestShare)} of the requests ended while it was over ${limits.busyPercent} %`;
  return { reasons: [{ verdict, text: `${text}; ${concerned}` }], busyRequestShare };
}

function cpuReason(
  samples: readonly CpuSample[],
  wholeMs: number,
  shareAbove: (limit: number) => number,
): Reason | undefined {
  const { busyPercent, busyMs, busyShare, fullPercent, fullRequests, spentPercent } = limits;
  const mean = samples.reduce((sum, { cpu, stepMs }) => sum + cpu * stepMs, 0) / wholeMs;
  const spentMs = longestAbove(samples, spentPercent);
  if (mean > fullPercent) {
    return suspect(`the generator's CPU was ${percent(mean)} busy on average`);
  }
  if (atLeast(spentMs, limits.spentMs)) {
    return suspect(
      `the generator's CPU was over ${spentPercent} % busy for ${seconds(spentMs)} in a row`,
    );
  }
  const longestMs = longestAbove(samples, busyPercent);
  if (atLeast(longestMs, busyMs)) {
    return strained(
      `the generator's CPU was over ${busyPercent} % busy for ${seconds(longestMs)} in a row`,
    );
  }
  const busy = timeOf(samples.filter(({ cpu }) => cpu > busyPercent)) / wholeMs;
  if (busy >= busyShare) {
    return strained(
      `the generator's CPU was over ${busyPercent} % busy for ${percent(100 * busy)} of the load`,
    );
  }
  const concerned = shareAbove(fullPercent);
  if (concerned < fullRequests) return undefined;
  return strained(
    `the generator's CPU was over ${fullPercent} % busy while ${percent(100 * concerned)} of the requests ended`,
  );
}

function longestAbove(samples: readonly CpuSample[], limit: number): number {
  let longest = 0;
  let runMs = 0;
  for (const { cpu, stepMs } of samples) {
    runMs = cpu > limit ? runMs + stepMs : 0;
    longest = Math.max(longest, runMs);
  }
  return longest;
}

/** A second by the machine's clock can be off by a few milliseconds. */
function atLeast(ms: number, limitMs: number): boolean {
  return Math.round(ms / 100) >= limitMs / 100;
}

function timeOf(samples: readonly CpuSample[]): number {
  return samples.reduce((sum, { stepMs }) => sum + stepMs, 0);
}
