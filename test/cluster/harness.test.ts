/** The simulated network itself: what passes in it and what does not. */

import { expect, it } from 'vitest';
import { isOver, network } from './network.ts';
import { scenarioFor } from './scenario.ts';

it('is a subnet of real agents that a target counts, and that can be cut in two', async () => {
  await using net = await network({ members: 2, userData: scenarioFor({ seconds: 2 }) });
  const [first, second] = net.members;
  if (first === undefined || second === undefined) throw new Error('two members');
  const reaches = async (): Promise<boolean> => {
    const connect = `exec 3<>/dev/tcp/${second.address}/80`;
    const said = await first.namespace.sh(`timeout 1 bash -c '${connect}' && echo yes || echo no`);
    return said === 'yes';
  };
  await net.until(() => true);
  expect(await reaches()).toBe(true);
  await net.cut([first], [second]);
  expect(await reaches()).toBe(false);
  await net.heal();
  await net.unplug(second);
  expect(await reaches()).toBe(false);
  await net.plug(second);
  expect(await reaches()).toBe(true);
  await net.until(isOver);
  expect([...net.target.answeredTo.keys()].toSorted()).toEqual([first.address, second.address]);
});
