/** Records of the Erlang recorder: whole, torn, damaged and forged. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SecondTotals, Total, Unreadable } from '../../../../../src/engine/samples.ts';
import { createRecordReader } from '../../../../../src/engine/tsung/output/records.ts';
import { indexOf } from '../../../../../src/results/counting/histogram.ts';
import { createRecordWriter, numbers, record } from '../../../../support/records.ts';

const version = 1;
const second = 1_700_000_000;

function read(
  bytes: Uint8Array,
  piece = bytes.length || 1,
): readonly (SecondTotals | Unreadable)[] {
  const reader = createRecordReader('records');
  const found: (SecondTotals | Unreadable)[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    found.push(...reader.push(bytes.subarray(at, at + piece)));
  }
  return [...found, ...reader.end()];
}

const totalsIn = (batches: readonly (SecondTotals | Unreadable)[]): readonly Total[] =>
  batches.flatMap((batch) => (batch.type === 'totals' ? batch.totals : []));

function threeSeconds(): Buffer {
  const write = createRecordWriter();
  return Buffer.concat(
    [0, 1, 2].map((at) =>
      write(second + at, [
        { name: 'GET /', durationsUs: [1_000, 2_000, 5_000_000], bytes: 300 },
        { name: `new ${at}`, status: 0, error: 'error_no_http_status', durationsUs: [7] },
      ]),
    ),
  );
}

describe('records', () => {
  it('tell what was measured in each second, however they arrive', () => {
    const bytes = threeSeconds();
    const whole = read(bytes);
    expect(whole).toHaveLength(3);
    expect(whole[1]).toMatchObject({
      type: 'totals',
      startMs: (second + 1) * 1_000,
      totals: [
        {
          ...{ kind: 'request', name: 'GET /', status: 200, error: '', count: 3, bytes: 300 },
          ...{ sumUs: 5_003_000, minUs: 1_000, maxUs: 5_000_000 },
          // The longest began so long before it ended.
          firstMs: (second + 2) * 1_000 - 6_000,
          lastMs: (second + 1) * 1_000 + 500,
        },
        { name: 'new 1', status: 0, error: 'error_no_http_status', count: 1 },
      ],
    });
    for (const piece of [1, 2, 7, 64]) expect(read(bytes, piece)).toEqual(whole);
  });

  it('tell how many requests were in flight at the end, which are no samples', () => {
    const write = createRecordWriter();
    const [batch] = read(
      write(second, [
        { name: 'GET /', durationsUs: [5] },
        { kind: 'in-flight', name: 'GET /', status: 0, durationsUs: [0, 0] },
        { kind: 'in-flight', name: 'GET /b', status: 0, durationsUs: [0] },
      ]),
    );
    expect(batch).toMatchObject({ totals: [{ kind: 'request', count: 1 }], inFlight: 3 });
    expect(read(write(second, [{ name: 'GET /', durationsUs: [5] }]))[0]).not.toHaveProperty(
      'inFlight',
    );
  });

  it('tell the first errors of each kind, in the words of the report', () => {
    const write = createRecordWriter();
    const seen = [
      { atMs: second * 1_000 + 0.25, name: 'GET /', status: 503, error: '' },
      { atMs: second * 1_000 + 7, name: '', status: 0, error: 'error_crash@user@eval@badarg' },
    ];
    const [batch] = read(write(second, [{ name: 'GET /', durationsUs: [1] }], seen));
    const inWords = "user crashed in the scenario's own code (eval): badarg";
    expect(batch).toMatchObject({ errors: [seen[0], { ...seen[1], error: inWords }] });
  });

  it("tell the generator's own delay, and nothing where it was not measured", () => {
    const write = createRecordWriter();
    const delay = { lateUs: [70, 70, 2_500, 1_000_000], queues: [0, 9, 3] };
    const [told, untold] = read(
      Buffer.concat([write(second, [], [], delay), write(second + 1, [])]),
    );
    expect(told).toEqual({
      type: 'totals',
      startMs: second * 1_000,
      totals: [],
      errors: [],
      delay: {
        ...{ count: 4, sumUs: 1_002_640, minUs: 70, maxUs: 1_000_000 },
        ...{ looks: 3, queueSum: 12, queueMax: 9 },
        buckets: Uint32Array.of(70, 2, indexOf(2_500), 1, indexOf(1_000_000), 1),
      },
    });
    expect(untold).not.toHaveProperty('delay');
  });

  it('are read up to the one that was not written to its end, which is told', () => {
    const bytes = threeSeconds();
    for (let length = 0; length < bytes.length; length += 1) {
      const found = read(bytes.subarray(0, length));
      const told = found.filter(({ type }) => type === 'unreadable');
      const isCut = !isBoundary(bytes, length);
      expect(told).toHaveLength(isCut ? 1 : 0);
    }
  });

  it('are read up to one that is damaged, and the rest is told to be unreadable', () => {
    const bytes = threeSeconds();
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const found = read(damaged);
      expect(found.at(-1)).toMatchObject({ type: 'unreadable', file: 'records', count: 1 });
      expect(totalsIn(found).length).toBeLessThan(6);
    }
  });

  // The checksum is right: who writes such a record means harm.
  it.each([
    ['an unknown kind', numbers(version, second, 0, 1, 9, 0, 200, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0)],
    ['an unknown name', numbers(version, second, 0, 1, 0, 5, 200, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0)],
    ['no count', numbers(version, second, 0, 1, 0, 0, 200, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0)],
    ['more totals than there is room for', numbers(version, second, 0, 1_000_000_000)],
    ['more strings', numbers(version, second, 1_000_000_000)],
    ['a string that is longer than the record', numbers(version, second, 1, 4_000, 65)],
    ['more buckets', numbers(version, second, 0, 1, 0, 0, 200, 0, 1, 1, 1, 1, 0, 0, 0, 2 ** 40)],
    [
      'a bucket that does not exist',
      numbers(version, second, 0, 1, 0, 0, 200, 0, 1, 1, 1, 1, 0, 0, 0, 1, 2 ** 30, 1),
    ],
    ['a number without end', Buffer.alloc(1_000, 255)],
    ['more errors', numbers(version, second, 0, 0, 1_000_000_000)],
    ['an error of an unknown name', numbers(version, second, 0, 0, 1, 1_000_000, 7, 0, 0)],
    ['no word on the delay', numbers(version, second, 0, 0, 0)],
    ['two delays', numbers(version, second, 0, 0, 0, 2, 1, 1, 1, 1, 1, 0, 0, 0)],
    ['a delay of no timers', numbers(version, second, 0, 0, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0)],
    [
      'a delay without a look at the run queue',
      numbers(version, second, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0),
    ],
    ['half a delay', numbers(version, second, 0, 0, 0, 1, 1, 1, 1, 1)],
    [
      'a delay with more buckets',
      numbers(version, second, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 2 ** 40),
    ],
    [
      'a delay with a bucket that does not exist',
      numbers(version, second, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 2 ** 30, 1),
    ],
    [
      'far more requests than are in its buckets',
      numbers(version, second, 0, 1, 0, 0, 200, 0, 2 ** 40, 2 ** 40, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0),
    ],
    [
      'a minimum above its maximum',
      numbers(version, second, 0, 1, 0, 0, 200, 0, 1, 5, 9, 1, 0, 0, 0, 1, 5, 1, 0, 0),
    ],
    [
      'a sum that its durations cannot have',
      numbers(version, second, 0, 1, 0, 0, 200, 0, 2, 99, 1, 9, 0, 0, 0, 1, 5, 2, 0, 0),
    ],
    [
      'a delay of more timers than are in its buckets',
      numbers(version, second, 0, 0, 0, 1, 10_000, 50_000, 5, 5, 1, 0, 0, 1, 5, 1),
    ],
    ['something after its end', numbers(version, second, 0, 0, 0, 0, 0)],
    ['nothing', numbers()],
    ['another version', numbers(2, second, 0, 0, 0, 0)],
  ])('with %s is refused', (_what, payload) => {
    expect(read(record(payload))).toEqual([
      { type: 'unreadable', file: 'records', count: 1, example: expect.any(String) },
    ]);
  });

  it('of names without number or length are counted, and named no further than there is room', () => {
    const recordOf = createRecordWriter();
    const bytes = [0, 1, 2].map((part) => {
      const names = Array.from({ length: 9_000 }, (_, at) => `name ${part} ${at}`);
      return recordOf(
        second + part,
        ['long'.repeat(5_000), ...names].map((name) => ({ name, durationsUs: [7] })),
      );
    });
    const found = totalsIn(read(Buffer.concat(bytes)));
    expect(found).toHaveLength(27_003);
    expect(found[0]?.name).toHaveLength(4_096);
    expect(found.filter(({ name }) => name === '(other)')).toHaveLength(7_002);
  });

  it('that claims to be huge is refused before it is waited for', () => {
    const reader = createRecordReader('records');
    expect([...reader.push(Buffer.from('ffffffff00000000', 'hex'))]).toHaveLength(1);
    expect([...reader.push(threeSeconds())]).toEqual([]);
  });

  it('of any bytes neither throw nor give impossible numbers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isChecked) => {
        for (const total of totalsIn(read(isChecked ? record(bytes) : bytes))) {
          expect(total.count).toBeGreaterThan(0);
          const { buckets: _, kind: _kind, name: _name, error: _error, ...figures } = total;
          for (const figure of Object.values(figures)) expect(figure).not.toBeNaN();
        }
      }),
    );
  });
});

it('any delay is refused, or has numbers', () => {
  const figure = fc.oneof(fc.nat({ max: 3 }), fc.nat(), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 14 }), (figures) => {
      for (const batch of read(record(numbers(version, second, 0, 0, 0, 1, ...figures)))) {
        const delay = batch.type === 'totals' ? batch.delay : undefined;
        if (delay === undefined) continue;
        const { buckets: _, ...its } = delay;
        expect(Math.min(its.count, its.looks)).toBeGreaterThan(0);
        for (const each of Object.values(its)) expect(each).not.toBeNaN();
      }
    }),
  );
});

function isBoundary(bytes: Buffer, length: number): boolean {
  let at = 0;
  while (at < length) at += 8 + bytes.readUInt32BE(at);
  return at === length;
}
