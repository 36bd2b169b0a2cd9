/** Blocks of Tsung's statistics, as recorded. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../../../src/engine/samples.ts';
import { createLogParser } from '../../../../../src/engine/tsung/output/log-parser.ts';

const recorded = `# stats: dump at 1795385428
stats: users 19 26
stats: {cpu,"tsung_controller_a@127.0.0.1"} 1 10.84 0 10.84 10.84 0 0
stats: users_count 19 19
stats: finish_users_count 2 2
stats: session 2 1037.4 8.4 1056.3 1021.5 0 0
stats: request 37 11.2836 6.1 19.584 0.58 9.99 9
stats: tr_login 7 1023.14 8.1 1037.4 1008.1 0 0
stats: 200 37 46
stats: 404 1 1
stats: 500 0 3
stats: error_timeout 2 5
stats: error_connect_econnrefused 0 5
stats: error_abort 1 1
stats: error_abort_max_conn_retries 1 1
stats: error_abort_max_send_retries 0 1
stats: size_rcv 4699 5842
stats: size_sent 2524 3136
stats: connected -3 16
# stats: dump at 1795385430
stats: users 0 26
EndMonitor:{1795,385441,449612}
`;

function parse(
  text: string,
  { withTimings = false, piece = text.length } = {},
): Readonly<{ blocks: readonly Interval[]; unreadable: readonly string[] }> {
  const unreadable: string[] = [];
  const parser = createLogParser({
    withTimings,
    onUnreadable: (example) => unreadable.push(example),
  });
  const blocks: Interval[] = [];
  for (let at = 0; at < text.length; at += piece)
    blocks.push(...parser.push(text.slice(at, at + piece)));
  blocks.push(...parser.end());
  return { blocks, unreadable };
}

describe('tsung.log', () => {
  it('counts requests that ask for no answer', () => {
    const { blocks } = parse(`${recorded.split('\n')[0]}\nstats: request_noack 4 12\n`);
    expect(blocks[0]).toMatchObject({ oneWay: 4 });
    expect(parse(recorded).blocks[0]).not.toHaveProperty('oneWay');
  });

  it('gives an interval a block, with what grew in it', () => {
    const { blocks, unreadable } = parse(recorded);
    expect(blocks).toEqual([
      {
        type: 'interval',
        endMs: 1795385428000,
        stepMs: 1000,
        users: 19,
        usersPeak: 26,
        connected: 16,
        usersStarted: 19,
        usersFinished: 2,
        requests: 37,
        bytesReceived: 4699,
        bytesSent: 2524,
        statuses: { 200: 37, 404: 1 },
        errors: { error_timeout: 2 },
        timings: [],
      },
      expect.objectContaining({ endMs: 1795385430000, stepMs: 2000, users: 0, usersStarted: 0 }),
    ]);
    expect(unreadable).toEqual([]);
  });

  it('counts all that processes write that are late when the last block begins', () => {
    const text = `# stats: dump at 1795385429
stats: users 5 6
stats: users_count 7 7
# stats: dump at 1795385430
stats: request 348 1.0 0 1.0 1.0 1.0 1096
stats: users 4 6
stats: 200 161 732
stats: 500 2 12
stats: users_count 1 8
stats: request 0 0 0 1.0 1.0 1.0 1444
stats: 200 3 735
stats: error_timeout 1 1
EndMonitor:{1,2,3}
`;
    expect(parse(text).blocks).toEqual([
      expect.objectContaining({
        users: 5,
        usersPeak: 6,
        usersStarted: 7,
        requests: 0,
        statuses: {},
      }),
      expect.objectContaining({
        users: 4,
        usersStarted: 1,
        requests: 348,
        statuses: { 200: 164, 500: 2 },
        errors: { error_timeout: 1 },
      }),
    ]);
  });

  it('gives counts and means where there are no samples', () => {
    expect(parse(recorded, { withTimings: true }).blocks[0]?.timings).toEqual([
      { kind: 'request', name: 'request', count: 37, meanUs: 11_284 },
      { kind: 'transaction', name: 'login', count: 7, meanUs: 1_023_140 },
    ]);
  });

  it('keeps the last block of a run that was killed, and says that its last line is cut', () => {
    const cut = recorded.slice(0, recorded.indexOf('stats: 404') + 8);
    const { blocks, unreadable } = parse(cut);
    expect(blocks[0]?.statuses).toEqual({ 200: 37 });
    expect(unreadable).toEqual(['stats: 4']);
  });

  it('reads the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (piece) => {
        expect(parse(recorded, { piece })).toEqual(parse(recorded));
      }),
    );
  });

  it.each([
    'stats: request 1 2',
    'stats: users now 3',
    '# stats: dump at noon',
    'crash',
    'x'.repeat(100_000),
  ])('reads on after %.30s', (garbage) => {
    const { blocks, unreadable } = parse(recorded.replace('stats: 404 1 1', garbage));
    expect(blocks).toHaveLength(2);
    expect(unreadable.length).toBeLessThanOrEqual(1);
    expect(blocks[0]?.errors).toEqual({ error_timeout: 2 });
  });
});
