/** What a leader does about members that answer late, or not at all. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { AskMember } from '../../../../src/cluster/channel/ask-member.ts';
import type { MemberProgress } from '../../../../src/cluster/following/progress.ts';
import { createLeader, type Leader } from '../../../../src/cluster/leading/leader.ts';
import { silentLog } from '../../../../src/log.ts';
import { memberAt } from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const member = memberAt({ dir: '', index: 1, port: 1, size: 2 });

let dir = '';
let startPath = '';
beforeEach(async () => {
  dir = await temporaryFolder('leader');
  startPath = join(dir, 'start.json');
});

type Answer = Partial<MemberProgress> | 'nothing';

/** `answer`: what the member says of itself, each time it is asked. */
function leads(answer: () => Answer): Readonly<{ leader: Leader; starts: number[] }> {
  const starts: number[] = [];
  const ask: AskMember['ask'] = async (_, { path, body }) => {
    const given = answer();
    if (given === 'nothing') throw new Error('no answer');
    if (path === '/run/start') starts.push(Object(body).atMs);
    const hasStart = starts.length > 0;
    const said =
      path === '/run/progress' ? { stage: 'ready', nowMs: Date.now(), hasStart, ...given } : [];
    return { status: 200, bytes: Buffer.from(JSON.stringify(said)) };
  };
  const pace = { everyMs: 20, lostMs: 200 };
  const others = [member];
  const leader = createLeader({ others, ask, membersDir: dir, startPath, log: silentLog(), pace });
  const over = new AbortController();
  const led = leader.lead(over.signal);
  onTestFinished(async () => {
    over.abort();
    await led;
  });
  return { leader, starts };
}

const never = new AbortController().signal;

describe('a leader', () => {
  it('tells a start that it knew before its agent was restarted', async () => {
    await writeFile(startPath, JSON.stringify({ atMs: 1_000_000 }));
    const { starts } = leads(() => ({}));
    await expect.poll(() => starts.length).toBe(1);
    expect(Math.abs((starts[0] ?? 0) - 1_000_000)).toBeLessThan(100);
  });

  it('does not start without a member that becomes silent while its clock is asked', async () => {
    let asked = 0;
    const { leader } = leads(() => {
      asked += 1;
      return asked > 4 ? 'nothing' : {};
    });
    await expect(leader.start(never)).rejects.toMatchObject({ code: 'CLUSTER_MEMBER_LOST' });
  });

  it('fails with what a member failed with', async () => {
    const problem = { code: 'ENGINE_DRAINED', message: 'no room', hint: 'make room' } as const;
    const { leader } = leads(() => ({ stage: 'failed', problem }));
    await expect(leader.start(never)).rejects.toMatchObject({
      code: 'ENGINE_DRAINED',
      message: 'on the member i-1: no room',
    });
  });
});
