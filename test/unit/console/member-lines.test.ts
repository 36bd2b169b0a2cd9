/** What the EC2 console and a terminal say of the members of a cluster. */

import { describe, expect, it } from 'vitest';
import { memberLines } from '../../../src/console/member-lines.ts';
import { createProgress } from '../../../src/console/progress.ts';
import type { ClusterInfo } from '../../../src/run/cluster-info.ts';
import type { RunState } from '../../../src/run/state.ts';
import { clusterOf, memberId } from '../../support/cluster-run.ts';
import { bootMs, firstState } from '../lifetime/setup.ts';

const gathering = (cluster: ClusterInfo): RunState => ({
  ...firstState,
  phase: 'gathering',
  cluster,
});
const running = (cluster: ClusterInfo): RunState => ({ ...firstState, phase: 'running', cluster });
const textOf = (state: RunState): readonly string[] => memberLines(state).map(({ text }) => text);

describe('while members gather', () => {
  it('has a line for each that comes, and how many there are', () => {
    const said: string[] = [];
    const terminal = { isTTY: false, columns: 80, write: (text: string) => said.push(text) };
    const progress = createProgress(terminal, () => bootMs);
    for (const here of [1, 1, 2])
      progress.hear(gathering(clusterOf(3, { here, leads: false })), undefined);
    expect(said.map((line) => line.trim())).toEqual([
      `member ${memberId(0)} is here: launch index 0, 10.0.0.20, 2 CPUs`,
      '1 of 3 members is here',
      `member ${memberId(1)} is here: launch index 1, 10.0.0.21, 2 CPUs`,
      '2 of 3 members are here',
    ]);
  });

  it('only counts those of a large cluster: the console of an instance is small', () => {
    expect(textOf(gathering(clusterOf(200, { here: 37, leads: false })))).toEqual([
      '37 of 200 members are here',
    ]);
  });
});

describe('once members have agreed', () => {
  it('says who leads, and with whom', () => {
    expect(textOf(running(clusterOf(3)))).toContain(
      `this instance (${memberId(0)}) leads 3 members`,
    );
    expect(textOf(running({ ...clusterOf(3), size: 4 }))).toContain(
      `this instance (${memberId(0)}) leads 3 members of the 4 that were expected`,
    );
  });

  it('says on another member where the whole run is, and nothing of others it cannot know', () => {
    const lines = textOf(running(clusterOf(4, { self: 1 })));
    expect(lines.at(-1)).toBe(
      `this instance fires 1/4 of the load; the leader ${memberId(0)} has the whole run: http://10.0.0.20/`,
    );
    expect(lines.join()).not.toContain('answer');
  });

  it('says a share that is no whole part in percent', () => {
    const cluster = clusterOf(3, { self: 1, changed: { 1: { share: 0.4 } } });
    expect(textOf(running(cluster)).at(-1)).toContain('fires 40.0 % of the load');
  });

  it('says who does not answer, the worst first, and that all answer again', () => {
    const silentSince = '2026-11-22T12:00:09.000Z';
    const last = (cluster: ClusterInfo): string | undefined => textOf(running(cluster)).at(-1);
    expect(last(clusterOf(4))).toBe('all 4 members answer');
    expect(
      last(
        clusterOf(4, {
          changed: { 1: { state: 'silent', silentSince }, 2: { state: 'lost', silentSince } },
        }),
      ),
    ).toBe(
      `2 of 4 members answer; ${memberId(2)} is lost, silent since 12:00:09Z, ${memberId(1)} has been silent since 12:00:09Z`,
    );
    const changed = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [index + 1, { state: 'lost' as const }]),
    );
    expect(last(clusterOf(200, { changed }))).toMatch(
      /^150 of 200 members answer; (i-\w+ is lost, ){3}47 more$/,
    );
  });
});
