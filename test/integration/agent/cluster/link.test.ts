/** What a member does for the others once they have agreed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { link } from '../../../../src/agent/cluster/link.ts';
import type { AskMember } from '../../../../src/cluster/channel/ask-member.ts';
import type { Problem } from '../../../../src/errors.ts';
import { silentLog } from '../../../../src/log.ts';
import { runFolder } from '../../../../src/run/folder.ts';
import { createRunStore } from '../../../../src/run/store.ts';
import { memberAt } from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { firstState } from '../../../unit/lifetime/setup.ts';

it('a leader whose agent is restarted after it failed keeps the others from waiting', async () => {
  const problem: Problem = { code: 'CLUSTER_MEMBER_LOST', message: 'i-2 is gone', hint: 'again' };
  const folder = runFolder(join(await temporaryFolder('link'), 'run'));
  await mkdir(folder.root);
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const [self, other] = [0, 1].map((index) => memberAt({ dir: '', index, port: 1, size: 2 }));
  if (self === undefined || other === undefined) throw new Error('two members');
  const orders: unknown[] = [];
  const ask: AskMember['ask'] = async (_, { path, body }) => {
    if (path === '/run/end') orders.push(body);
    const said = path === '/run/progress' ? { stage: 'ready', nowMs: Date.now() } : [];
    return { status: 200, bytes: Buffer.from(JSON.stringify(said)) };
  };
  const membership = {
    version: 1,
    leader: self.instanceId,
    runId: 'run-0',
    runKey: '0'.repeat(64),
    members: [self, other],
  };
  await link(
    {
      askToStop: () => {},
      folder,
      interrupt: () => {},
      interrupted: new AbortController().signal,
      log: silentLog(),
      signal: over.signal,
      stopAsked: new Promise(() => {}),
      store: createRunStore({
        initial: { ...firstState, phase: 'failed', outcome: { kind: 'failed', problem } },
        onWriteError: () => {},
      }),
    },
    { self, membership, ask, follow: () => {} },
    { id: 'r-1', settings: { size: 2, quorum: 2, timeoutMs: 1, peers: [], discover: 'none' } },
  );
  await vi.waitFor(() => expect(orders[0]).toEqual({ problem }), { timeout: 10_000 });
});
