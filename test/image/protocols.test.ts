/**
 * A scenario of https, WebSocket over TLS, answers in chunks, and digest logins: what Tsung as the
 * distribution has it cannot do on every Erlang.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { kinds, type ProtocolTarget, startProtocolTarget } from './protocol-target.ts';
import { protocolsXml, zipOf } from './scenarios.ts';
import { isOver, summaryOf, until } from './watch.ts';

const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;
let target: ProtocolTarget;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  target = stack.use(await startProtocolTarget());
  await ec2.launch({ userData: await zipOf({ 'tsung.xml': protocolsXml(target) }) });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

describe('a scenario of https, wss, chunked answers and digest logins', () => {
  it('is fired whole, and what is measured of each kind is what its target served', async () => {
    const run = await until({ ec2, machine }, isOver);
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' }, problems: [] });
    const { names, errors, totals } = await summaryOf({ ec2, machine });
    expect(target.refused).toEqual([]);
    const measured = new Map<string, number>();
    for (const { kind, name, count } of names) {
      const of = kindOf(name);
      if (kind === 'request') measured.set(of, (measured.get(of) ?? 0) + count);
    }
    expect(Object.fromEntries(measured)).toEqual(Object.fromEntries(target.served));
    expect([...target.served.keys()].toSorted()).toEqual([...kinds].toSorted());
    // A digest login begins with an answer that asks for it.
    const asked = (target.served.get('digest') ?? 0) / 2;
    expect(errors.map(({ kind, count }) => [kind, count])).toEqual([['status 401', asked]]);
    expect(totals.otherErrors).toBe(0);
  });
});

/** Requests have their kind as their tag, where Tsung knows tags. */
function kindOf(name: string): string {
  if (name.startsWith('websocket ')) return 'wss';
  return name.startsWith('jabber ') ? 'xmpp' : name;
}
