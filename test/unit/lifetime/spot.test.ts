/** What the metadata service says about a spot instance, and what Onager makes of it. */
import { describe, expect, it } from 'vitest';
import type { OnagerError } from '../../../src/errors.ts';
import { watchSpot } from '../../../src/lifetime/spot.ts';
import { silentLog } from '../../../src/log.ts';

const time = '2026-11-22T22:10:00Z';
const notice = (action: string): string => JSON.stringify({ action, time });

type Answer = string | undefined | Error;

/** Looks as often as there are answers; stops on its own after a notice. */
async function watch(notices: readonly Answer[], rebalance: Answer = undefined) {
  const told: OnagerError[] = [];
  const ended = new AbortController();
  let looks = 0;
  const give = (answer: Answer): string | undefined => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await watchSpot(
    {
      async peek(path) {
        if (path.endsWith('rebalance')) return give(rebalance);
        if (looks === notices.length) ended.abort();
        looks += 1;
        return give(notices[looks - 1]);
      },
      onInterruption: (reason) => told.push(reason),
      onRebalance: (reason) => told.push(reason),
      log: silentLog(),
      everyMs: 0,
    },
    ended.signal,
  );
  return { told: told.map(({ code, message }) => `${code}: ${message}`), looks };
}

describe('spot notices', () => {
  it.each([
    ['terminate', 'terminates'],
    ['stop', 'stops'],
    ['hibernate', 'hibernates'],
  ])('to %s say when, and are the last that is looked for', async (action, verb) => {
    const { told, looks } = await watch([undefined, undefined, notice(action), undefined]);
    expect(told).toEqual([`SPOT_INTERRUPTION: EC2 ${verb} this spot instance at ${time}`]);
    expect(looks).toBe(3);
  });

  it.each([
    ['none', undefined],
    ["a proxy's error page", '<html>no</html>'],
    ['no JSON object', '"terminate"'],
    ['null', 'null'],
    ['without an action', `{"time":"${time}"}`],
    ['an action that is not text', '{"action":{},"time":1}'],
    ['a service that does not answer', new Error('connect ECONNREFUSED')],
  ])('are not taken from %s, and looked for again', async (_, answer) => {
    const { told } = await watch([answer, answer]);
    expect(told).toEqual([]);
    const { told: later } = await watch([answer, notice('stop')]);
    expect(later).toHaveLength(1);
  });

  it('do not repeat what is not a time', async () => {
    const { told } = await watch([JSON.stringify({ action: 'stop', time: '<b>now</b>' })]);
    expect(told).toEqual(['SPOT_INTERRUPTION: EC2 stops this spot instance']);
  });

  it('that only recommend leaving cause one warning', async () => {
    const { told } = await watch([undefined, undefined, undefined], `{"noticeTime":"${time}"}`);
    expect(told).toEqual([
      `SPOT_REBALANCE: this spot instance runs a higher risk of being taken back, announced at ${time}`,
    ]);
  });
});
