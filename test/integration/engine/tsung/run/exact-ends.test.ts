/**
 * However a load of the real Tsung ends while it fires: what the target saw is what was measured,
 * and what was in flight.
 */

import { expect, it } from 'vitest';
import type { Machine, Outcome, Plan } from '../../../../../src/engine/engine.ts';
import { tsung } from '../../../../../src/engine/tsung/tsung.ts';
import {
  type NumberedTarget,
  numberedPath,
  numberedTarget,
} from '../../../../support/numbered-target.ts';
import { createRandom, seed } from '../../../../support/random.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { killErlang, type Run, runTsungIn, scenario } from '../../../../support/tsung-run.ts';

const ask = `<request subst="true"><http url="${numberedPath}"/></request>`;
const think = '<thinktime value="0.05" random="false"/>';
const users = (count: number, seconds: number): string =>
  `<arrivalphase phase="1" duration="${seconds}" unit="second"><users maxnumber="${count}" arrivalrate="50" unit="second"/></arrivalphase>`;
const session = (content: string): string =>
  `<session name="s" probability="100" type="ts_http">${content}</session>`;
const endless = session(`<for from="1" to="100000" var="i">${ask}${think}</for>`);

type End = Readonly<{
  name: string;
  kind: Outcome['kind'];
  sessions?: string;
  /** Of the load, in seconds. */
  durationSeconds?: number;
  fails?: string;
  /** Called when several hundred requests have come. */
  act?: (plan: Plan, pid: number, target: NumberedTarget) => unknown;
  /** Nothing can be in flight. */
  isQuiet?: boolean;
}>;

const ends: readonly End[] = [
  {
    name: 'the planned end',
    kind: 'complete',
    sessions: session(`<for from="1" to="25" var="i">${ask}${think}</for>`),
    isQuiet: true,
  },
  { name: 'a stop', kind: 'cut', act: (plan) => tsung.requestStop?.(plan, 'stopped') },
  { name: 'a cut', kind: 'cut', durationSeconds: 4 },
  {
    name: 'an abort by a user',
    kind: 'failed',
    sessions: session(
      `<for from="1" to="100000" var="i">${ask}${think}
         <if var="tsung_userid" eq="30"><if var="i" eq="30"><abort type="all"/></if></if></for>`,
    ),
  },
  {
    name: 'an abort by a match',
    kind: 'failed',
    sessions: session(
      `<for from="1" to="100000" var="i"><request subst="true"><match do="abort_test" when="match">HTTP/1.1 500</match><http url="${numberedPath}"/></request>${think}</for>`,
    ),
    fails: '/n/30/30',
  },
  { name: 'SIGTERM', kind: 'interrupted', act: (_, pid) => killErlang(pid, 'SIGTERM') },
  {
    name: 'the death of all users',
    kind: 'complete',
    act: (_plan, _pid, target) => target.die(),
    isQuiet: true,
  },
];

it.concurrent.each(ends)('$name', async ({ name, kind, isQuiet, fails, ...end }) => {
  await using target = await numberedTarget(fails === undefined ? {} : { fails });
  const run = await fired(target, end);
  expect(run).toMatchObject({ unreadable: 0, outcome: { kind } });
  const requests = requestsOf(run);
  expect(requests).toBeGreaterThan(400);
  expect(target.arrived()).toBe(requests + run.inFlight);
  if (isQuiet) expect(run.inFlight).toBe(0);
  if (kind === 'interrupted') return;
  expect(run.intervals.reduce((sum, { requests: own = 0 }) => sum + own, 0)).toBe(requests);
});

it('thousands of requests a second, of more names than are kept, stopped', async () => {
  await using target = await numberedTarget({ delayMs: 0 });
  const run = await fired(target, {
    sessions: session(`<for from="1" to="100000" var="i">${ask}</for>`),
    names: 'url',
    after: 10_000,
    act: (plan) => tsung.requestStop?.(plan, 'stopped'),
  });
  expect(run).toMatchObject({ unreadable: 0, outcome: { kind: 'cut' } });
  const requests = requestsOf(run);
  expect(target.arrived()).toBe(requests + run.inFlight);
  const names = [...run.counts.keys()].filter((key) => key.startsWith('request '));
  expect(names).toHaveLength(1_001);
  expect(run.counts.get('request (other)')).toBe(requests - 1_000);
  // Tsung's own count, from its log.
  expect(run.intervals.reduce((sum, { requests: own = 0 }) => sum + own, 0)).toBe(requests);
});

/** At five random moments. */
const random = createRandom();
const moments = Array.from({ length: 5 }, () => Math.floor(random() * 1_000));

it.concurrent.each(moments)(
  `SIGKILL costs the current second, and a record that is late: %d ms later, SEED=${seed}`,
  async (ms) => {
    await using target = await numberedTarget();
    let killedAt = 0;
    const run = await fired(target, {
      async act(_plan, pid) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        await killErlang(pid, 'SIGKILL');
        killedAt = Date.now();
      },
    });
    const requests = requestsOf(run);
    const lastMs = Math.max(...run.seconds.map(({ startMs }) => startMs)) + 1_000;
    const before = (atMs: number): number => target.answeredAt.filter((at) => at < atMs).length;
    expect(run.outcome).toMatchObject({ kind: 'interrupted' });
    // The clocks of target and users agree, but they do not read them at once.
    expect(killedAt - lastMs).toBeLessThan(1_000 + scheduledMs);
    expect(requests).toBeGreaterThanOrEqual(before(lastMs - scheduledMs));
    expect(requests).toBeLessThanOrEqual(before(lastMs + scheduledMs));
  },
);

/** A busy machine may take so long before it does what is due. */
const scheduledMs = 500;

type Options = Pick<End, 'sessions' | 'durationSeconds' | 'act'> &
  Readonly<{ after?: number; names?: Machine['names'] }>;

async function fired(
  target: NumberedTarget,
  { sessions = endless, durationSeconds, act, after = 400, names = 'template' }: Options,
): Promise<Run> {
  const text = scenario({ port: target.port, load: users(40, act ? 60 : 4), sessions });
  const load = `<load duration="${durationSeconds}" unit="second">`;
  const entry = durationSeconds === undefined ? text : text.replace('<load>', load);
  const run = await runTsungIn(await temporaryFolder('ends'), {
    names,
    files: { 'tsung.xml': entry },
    async onRunning(plan, pid) {
      if (act === undefined) return;
      await target.more(target.arrived() + after);
      await act(plan, pid, target);
    },
  });
  await target.left();
  expect(target.again()).toBe(0);
  return run;
}

const requestsOf = ({ counts }: Run): number =>
  [...counts].reduce((sum, [key, count]) => (key.startsWith('request ') ? sum + count : sum), 0);
