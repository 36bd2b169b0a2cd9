/**
 * A scenario of https, WebSocket over TLS, answers in chunks, and logins with a digest: what Tsung,
 * as distributions have it, cannot do on every Erlang.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionsFor, startTargetOf } from '../support/tsung-targets.ts';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { manySessionsXml, type TargetSession, zipOf } from './scenarios.ts';
import { isOver, summaryOf, until } from './watch.ts';
import { startXmppTarget, xmppOptions, xmppSession } from './xmpp-target.ts';

/** The names of the requests that each target counts. */
const named = {
  https: ['GET /page'],
  wss: ['websocket message'],
  chunked: ['GET /start', 'GET /next/%%_token%%'],
  digest: ['GET /private'],
  xmpp: ['jabber connect', 'jabber auth_get', 'jabber auth_set_digest'],
} as const;

const stack = new AsyncDisposableStack();
const served = new Map<string, () => number>();
let ec2: Ec2;
let machine: Machine;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  const userData = await zipOf({ 'tsung.xml': await startAll() });
  await ec2.launch({ userData });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

/** Starts a target for each, and gives the scenario that fires at all of them. */
async function startAll(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-certificates-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const all: TargetSession[] = [];
  for (const name of ['https', 'wss', 'chunked', 'digest'] as const) {
    await mkdir(join(dir, name));
    const target = stack.use(await startTargetOf(name, join(dir, name)));
    served.set(name, target.served);
    const { sessions: session, serverType } = sessionsFor[name];
    all.push({ name, session, serverType, port: target.port });
  }
  const xmpp = stack.use(await startXmppTarget());
  served.set('xmpp', xmpp.served);
  all.push({ name: 'xmpp', session: xmppSession, serverType: 'tcp', port: xmpp.port });
  return manySessionsXml(all, xmppOptions);
}

describe('a scenario of https, wss, chunked answers and digest logins', () => {
  it('is fired whole, and what is measured of each is what its target served', async () => {
    const run = await until({ ec2, machine }, isOver);
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' }, problems: [] });
    const { names, errors } = await summaryOf({ ec2, machine });
    const countOf = (wanted: string): number =>
      names.find(({ kind, name }) => kind === 'request' && name === wanted)?.count ?? 0;
    const measured = Object.entries(named).map(([what, of]) => [
      what,
      of.reduce((sum, name) => sum + countOf(name), 0),
    ]);
    expect(measured).toEqual([...served].map(([what, count]) => [what, count()]));
    for (const [what, count] of measured) expect({ what, count }).not.toEqual({ what, count: 0 });
    // A login with a digest begins with an answer that asks for one.
    const logins = countOf('GET /private') / 2;
    expect(errors.map(({ kind, count }) => [kind, count])).toEqual([['status 401', logins]]);
  });
});
