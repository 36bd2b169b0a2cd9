/** A leader and a member that follows it: start, copies, ends, silence. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAskMember } from '../../../../src/cluster/channel/ask-member.ts';
import { createMembersPort } from '../../../../src/cluster/channel/members-port.ts';
import { createFollower } from '../../../../src/cluster/following/follower.ts';
import type { MemberProgress } from '../../../../src/cluster/following/progress.ts';
import { runRoutes } from '../../../../src/cluster/following/run-routes.ts';
import { createSharedFiles } from '../../../../src/cluster/following/shared-files.ts';
import { createLeader } from '../../../../src/cluster/leading/leader.ts';
import type { OnagerError, Problem } from '../../../../src/errors.ts';
import { isThere } from '../../../../src/files/files.ts';
import { silentLog } from '../../../../src/log.ts';
import { runFolder } from '../../../../src/run/folder.ts';
import { memberAt } from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const runKey = { name: 'run', key: Buffer.alloc(32, 2) };
const derivedKey = { name: 'gather', key: Buffer.alloc(32, 1) };
const pace = { everyMs: 20, lostMs: 200 };
const problem: Problem = { code: 'DISK_FULL', message: 'the disk is full', hint: 'make room' };

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function pair() {
  const dir = await temporaryFolder('leader');
  const folder = runFolder(join(dir, 'member'));
  await mkdir(join(folder.engineDir, 'tsung'), { recursive: true });
  await writeFile(folder.runJson, '{}');
  await writeFile(folder.scenarioZip, 'PK');
  await writeFile(join(folder.engineDir, 'onager.records'), 'x');
  let isSilent = false;
  let now: Omit<MemberProgress, 'nowMs'> = { stage: 'preparing' };
  const interrupts: OnagerError[] = [];
  const stops: string[] = [];
  const self = memberAt({ dir, index: 1, port: 1, size: 2 });
  const follower = await createFollower({
    leader: memberAt({ dir, index: 0, port: 1, size: 2 }),
    files: createSharedFiles(folder),
    startPath: join(dir, 'start-here.json'),
    donePath: join(dir, 'done.json'),
    progress: () => ({ ...now, hasStart: isThere(join(dir, 'start-here.json')) }),
    onStop: () => stops.push('stop'),
    onInterrupt: (reason) => interrupts.push(reason),
    pace,
  });
  const over = new AbortController();
  opened.defer(() => over.abort());
  const port = createMembersPort(() => [derivedKey, runKey]);
  runRoutes(port.server, {
    isOfRun: (request) => port.keyOf(request) === runKey.name,
    followed: () => (isSilent ? undefined : follower.followed),
  });
  await port.server.listen({ host: '127.0.0.1', port: 0 });
  opened.defer(async () => await port.server.close());
  const [at] = port.server.addresses();
  if (typeof at !== 'object') throw new Error('it does not listen');
  const member = { ...self, address: '127.0.0.1', port: at.port };
  const membersDir = join(dir, 'members');
  function lead() {
    const asker = opened.use(createAskMember(runKey));
    const leader = createLeader({
      others: [member],
      ask: asker.ask,
      membersDir,
      startPath: join(dir, 'start.json'),
      log: silentLog(),
      pace,
    });
    const ended = new AbortController();
    void leader.lead(AbortSignal.any([over.signal, ended.signal]));
    return { leader, leave: () => ended.abort() };
  }
  return {
    dir,
    folder,
    follower,
    interrupts,
    stops,
    member,
    lead,
    server: port.server,
    signal: over.signal,
    copyOf: (source: string) => join(membersDir, member.instanceId, source),
    silence(next: boolean) {
      isSilent = next;
    },
    say(next: typeof now) {
      now = next;
    },
  };
}

describe('the start', () => {
  it('waits until the member is ready, and is the same after a restart of either', async () => {
    const { dir, follower, lead, say, signal } = await pair();
    const { leader, leave } = lead();
    const starting = leader.start(signal);
    say({ stage: 'ready' });
    const { atMs } = await starting;
    const start = await follower.start(signal);
    expect(Math.abs(start.atMs - atMs)).toBeLessThan(20);
    leave();
    expect(await lead().leader.start(signal)).toEqual({ atMs });
    expect(JSON.parse(await readFile(join(dir, 'start-here.json'), 'utf8'))).toEqual(start);
  });

  it('does not come if the member fails, or is silent', async () => {
    const { lead, say, server, signal } = await pair();
    say({ stage: 'failed', problem });
    await expect(lead().leader.start(signal)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await server.close();
    await expect(lead().leader.start(signal)).rejects.toMatchObject({
      code: 'CLUSTER_MEMBER_LOST',
    });
  });

  it('is refused to the member if the leader will not fire', async () => {
    const { follower, interrupts, lead, signal } = await pair();
    lead().leader.end({ problem });
    await expect(follower.start(signal)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(interrupts.map(({ code }) => code)).toContain('DISK_FULL');
  });
});

describe('the copies', () => {
  it('hold what the member publishes, to the last byte, and its end last', async () => {
    const { copyOf, folder, follower, lead, say, signal } = await pair();
    say({ stage: 'running' });
    const records = join(folder.engineDir, 'onager.records');
    await writeFile(records, 'first ');
    const { leader, leave } = lead();
    await vi.waitFor(async () =>
      expect(await readFile(copyOf('engine/onager.records'), 'utf8')).toBe('first '),
    );
    leave();
    await appendFile(records, 'second ');
    const { leader: next } = lead();
    await appendFile(records, 'third');
    await writeFile(join(folder.engineDir, 'exit.json'), '{"exit":0}');
    say({ stage: 'ended' });
    expect(await follower.untilDone(signal)).toBe('done');
    expect(isThere(copyOf('engine/exit.json'))).toBe(true);
    expect(await readFile(copyOf('engine/onager.records'), 'utf8')).toBe('first second third');
    expect(isThere(copyOf('scenario.zip'))).toBe(false);
    expect(leader.unfinished().length).toBe(1);
    await vi.waitFor(() => expect(next.unfinished()).toEqual([]));
  });

  it('are larger than one answer may be', async () => {
    const { copyOf, folder, follower, lead, say, signal } = await pair();
    const bytes = Buffer.alloc(9 * 1024 ** 2, 'x');
    await writeFile(join(folder.engineDir, 'onager.records'), bytes);
    lead();
    say({ stage: 'ended' });
    await follower.untilDone(signal);
    expect((await readFile(copyOf('engine/onager.records'))).equals(bytes)).toBe(true);
  });

  it('are not given to who has only the key that admits', async () => {
    const { member } = await pair();
    using asker = createAskMember(derivedKey);
    const { signal } = new AbortController();
    for (const path of ['/run/progress', '/run/files', '/run/file?source=run.json&from=0'])
      expect(await asker.ask(member, { path }, signal)).toMatchObject({ status: 403 });
  });

  it.each(['scenario.zip', '../start.json', 'engine/none', ''])(
    'are of listed files only, not of %j',
    async (source) => {
      const { member } = await pair();
      using asker = createAskMember(runKey);
      const { signal } = new AbortController();
      await asker.ask(member, { path: '/run/files' }, signal);
      const path = `/run/file?${new URLSearchParams({ source, from: '0' })}`;
      expect(await asker.ask(member, { path }, signal)).toMatchObject({ status: 404 });
    },
  );
});

describe('the end', () => {
  it('of all comes by a user’s request', async () => {
    const { lead, say, stops } = await pair();
    say({ stage: 'running' });
    lead().leader.end({});
    await vi.waitFor(() => expect(stops.length).toBeGreaterThan(0));
  });

  it('does not wait for a member that is lost', async () => {
    const { lead, say, server } = await pair();
    say({ stage: 'running' });
    const { leader } = lead();
    const [output] = leader.outputs();
    await vi.waitFor(() => expect(leader.contacts[0]?.progress()?.stage).toBe('running'));
    await server.close();
    await vi.waitFor(() => expect(leader.contacts.every(leader.isLost)).toBe(true));
    expect(await output?.hasEnded()).toBe(false);
    leader.ownHasEnded();
    expect(await output?.hasEnded()).toBe(true);
  });

  it('does not wait for a member whose files cannot be written', async () => {
    const { copyOf, lead, say } = await pair();
    await mkdir(dirname(copyOf('x')), { recursive: true });
    await writeFile(copyOf('logs'), 'a file where a folder must be');
    await writeFile(copyOf('engine'), 'the same');
    const { leader } = lead();
    leader.ownHasEnded();
    say({ stage: 'ended' });
    await vi.waitFor(() => expect(leader.unfinished()).toEqual([]), 3_000);
    expect(leader.contacts[0]?.stuck().why).toMatch(/EEXIST|ENOTDIR/);
  });

  it('is known of a member that is gone when the leader’s agent is restarted', async () => {
    const { follower, lead, say, server, signal } = await pair();
    const { leave } = lead();
    say({ stage: 'ended', outcome: 'cut' });
    await follower.untilDone(signal);
    leave();
    await server.close();
    const { leader } = lead();
    leader.ownHasEnded();
    expect(leader.unfinished()).toEqual([]);
    await vi.waitFor(() => expect(leader.contacts[0]?.silentMs()).toBeGreaterThan(pace.lostMs));
    expect(leader.contacts[0]?.hasAll()).toBe(true);
    expect(leader.contacts[0]?.progress()).toMatchObject({ stage: 'ended', outcome: 'cut' });
  });

  it('of a member that was given up, and is back, is not told as one that was measured', async () => {
    const { copyOf, follower, interrupts, lead, say, silence, signal } = await pair();
    say({ stage: 'running' });
    const { leader } = lead();
    await vi.waitFor(() => expect(leader.contacts[0]?.progress()?.stage).toBe('running'));
    silence(true);
    leader.ownHasEnded();
    await vi.waitFor(() => expect(leader.unfinished()).toEqual([]));
    silence(false);
    say({ stage: 'ended' });
    void follower.watch(signal);
    expect(await follower.untilDone(signal)).toBe('lost');
    expect(interrupts).toMatchObject([{ code: 'CLUSTER_LEADER_LOST' }]);
    expect(isThere(copyOf('engine/exit.json'))).toBe(false);
    expect(leader.contacts[0]?.isGivenUp()).toBe(true);
  });

  it('comes for a member that has lost its leader', async () => {
    const { follower, interrupts, lead, say, signal } = await pair();
    say({ stage: 'running' });
    const { leave, leader } = lead();
    void follower.watch(signal);
    await vi.waitFor(() => expect(leader.contacts[0]?.progress()).toBeDefined());
    expect(interrupts).toEqual([]);
    leave();
    expect(await follower.untilDone(signal)).toBe('lost');
    expect(interrupts).toMatchObject([{ code: 'CLUSTER_LEADER_LOST' }]);
  });
});
