/** Rows of Tsung's dump, whole and broken. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherName, type Samples } from '../../../../../src/engine/samples.ts';
import {
  createDumpParser,
  decimal,
  maxLineBytes,
} from '../../../../../src/engine/tsung/output/dump-parser.ts';
import { maxTableNames } from '../../../../../src/engine/tsung/output/name-table.ts';
import { templateTag } from '../../../../../src/engine/tsung/output/template-tag.ts';

type Row = Readonly<{
  name: string;
  endMs: number;
  durationUs: number;
  ok: number;
  status: number;
  error: string;
  bytes: number;
  transaction: string;
}>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the parser makes of these bytes if they come in these pieces. */
function parse(
  pieces: readonly Uint8Array[],
): Readonly<{ rows: readonly Row[]; unreadable: number; example: string }> {
  const parser = createDumpParser('tsung-1.dump');
  const rows: Row[] = [];
  let unreadable = 0;
  let example = '';
  const take = (batches: ReturnType<typeof parser.push>): void => {
    for (const batch of batches) {
      if (batch.type === 'samples') rows.push(...rowsOf(batch));
      else {
        unreadable += batch.count;
        example = batch.example;
      }
    }
  };
  for (const piece of pieces) take(parser.push(piece));
  take(parser.end());
  return { rows, unreadable, example };
}

function rowsOf(batch: Samples): readonly Row[] {
  const at = (column: ArrayLike<number>, row: number): number => column[row] ?? -1;
  return Array.from({ length: batch.count }, (_, row) => ({
    name: batch.names[at(batch.name, row)] ?? '?',
    endMs: at(batch.endMs, row),
    durationUs: at(batch.durationUs, row),
    ok: at(batch.ok, row),
    status: at(batch.status, row),
    error: batch.errors[at(batch.error, row)] ?? '?',
    bytes: at(batch.bytes, row),
    transaction: batch.transactions?.[at(batch.transaction ?? [], row)] ?? '?',
  }));
}

const line = (
  parts: Partial<
    Record<
      'date' | 'method' | 'url' | 'status' | 'duration' | 'error' | 'tag' | 'transaction',
      string
    >
  > = {},
): string => {
  const { date = '1795385427.950494', method = 'get', url = '/a', status = '200' } = parts;
  const { duration = '10.094', error = '', tag = '', transaction = 'tr_login' } = parts;
  return `${date};<0.181.0>;1;${method};127.0.0.1;${url};${status};127;${duration};${transaction};;${error};${tag}\n`;
};

const rowOf = (text: string): Row | undefined => parse([encode(text)]).rows[0];

describe('a row of the dump', () => {
  it('is read in all its fields', () => {
    expect(rowOf(line())).toEqual({
      name: 'GET /a',
      endMs: expect.closeTo(1795385427950.494, 2),
      durationUs: 10_094,
      ok: 1,
      status: 200,
      error: '',
      bytes: 127,
      transaction: 'login',
    });
  });

  it.each([
    ['an URL with ";"', { url: '/a;b=1;c?x=1;y' }, { name: 'GET /a;b=1;c' }],
    ['a query', { url: '/a?secret=1' }, { name: 'GET /a' }],
    ['a fragment', { url: '/a#top' }, { name: 'GET /a' }],
    ['an absolute URL', { url: 'http://x/y?z' }, { name: 'GET http://x/y' }],
    ['a tag', { tag: 'pay', url: '/x?1' }, { name: 'pay' }],
    [
      'a tag that tells the URL as it is written',
      { tag: templateTag('/a/%%_b%%'), method: 'post', url: '/a/17?x' },
      { name: 'POST /a/%%_b%%' },
    ],
    ['a tag that only begins like one', { tag: 'onager.url:_' }, { name: 'GET onager.url:_' }],
    ['the tag of a request without one', { tag: 'undefined' }, { name: 'GET /a' }],
    ['a control character', { url: '/a\u001b[31m' }, { name: 'GET /a\\x1b[31m' }],
    ['a whole second', { date: '1.79538543e9' }, { endMs: 1795385430000 }],
    ['a duration with an exponent', { duration: '1.7e-2' }, { durationUs: 17 }],
    ['a whole duration', { duration: '3' }, { durationUs: 3_000 }],
    ['a client error', { status: '404' }, { ok: 0, status: 404 }],
    ['a redirection', { status: '302' }, { ok: 1, status: 302 }],
    [
      'no HTTP status',
      { status: 'error_no_http_status' },
      { ok: 0, status: 0, error: 'error_no_http_status' },
    ],
    ['no transaction', { transaction: '-' }, { transaction: '' }],
    ['a quoted transaction', { transaction: "'tr_käufer'" }, { transaction: 'käufer' }],
    ['a transaction without a name', { transaction: 'tr_' }, { transaction: '' }],
    ['an error', { error: 'error_http_x' }, { ok: 0, status: 200, error: 'error_http_x' }],
  ])('is read with %s', (_what, parts, expected) => {
    expect(rowOf(line(parts))).toMatchObject(expected);
  });

  it('has a name of at most 256 bytes, not counting its method', () => {
    expect(rowOf(line({ url: `/${'x'.repeat(5_000)}` }))?.name).toHaveLength('GET '.length + 256);
  });

  it('is of one name with rows whose first 256 bytes are the same, whatever their form', () => {
    const long = `/${'x'.repeat(300)}`;
    const rows = [
      line({ url: long }),
      line({ url: `${long}y` }),
      line({ url: long, date: '1795385427' }),
      line({ url: '/a' }),
      line({ url: '/a', date: '1795385427' }),
    ];
    const [batch] = createDumpParser('x').push(encode(rows.join('')));
    expect(batch).toMatchObject({ count: 5, names: { length: 2 } });
  });

  it('is of one name with every row of the same method and URL as written', () => {
    const tag = templateTag('/items/%%_token%%');
    const rows = [
      ...Array.from({ length: 400 }, (_, token) => line({ url: `/items/${token}`, tag })),
      line({ url: '/items/1', tag, method: 'put' }),
      line({ url: '/items/1', tag: 'mine' }),
    ];
    const names = parse([encode(rows.join(''))]).rows.map(({ name }) => name);
    expect(names.filter((name) => name === 'GET /items/%%_token%%')).toHaveLength(400);
    expect(names.slice(400)).toEqual(['PUT /items/%%_token%%', 'mine']);
  });

  it('distinguishes names whose method and path have the same letters', () => {
    const text = line({ method: 'get', url: '/a' }) + line({ method: 'ge', url: 't/a' });
    expect(parse([encode(text)]).rows.map(({ name }) => name)).toEqual(['GET /a', 'GE t/a']);
  });
});

describe('a file that is not a clean dump', () => {
  it.each([
    [
      'a header',
      '#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag\n',
    ],
    ['too few fields', '1795385427.9;<0.1.0>;1;get\n'],
    ['an empty line', '\n'],
    ['a date that is not a date', line({ date: 'yesterday' })],
    ['a duration that is not a number', line({ duration: '-' })],
    ['a negative duration', line({ duration: '-1.0' })],
    ['nothing but separators', `${';'.repeat(40)}\n`],
    ['NUL bytes', '\0\0\0\0\n'],
    ['a line that is too long', line({ url: 'x'.repeat(maxLineBytes) })],
    ['a last line that is cut', line().slice(0, 60)],
  ])('counts %s as unreadable and reads on', (_what, garbage) => {
    const whole = parse([encode(line() + (garbage.endsWith('\n') ? garbage + line() : garbage))]);
    expect(whole.unreadable).toBe(1);
    expect(whole.rows).toHaveLength(garbage.endsWith('\n') ? 2 : 1);
    expect(whole.example.length).toBeLessThan(2_000);
  });

  it('reads a last line that only lacks its end', () => {
    expect(parse([encode(line() + line().trimEnd())]).rows).toHaveLength(2);
  });

  it('reads on after a line of many megabytes in pieces', () => {
    const piece = encode('x'.repeat(100_000));
    const pieces = [
      encode(line()),
      ...Array.from({ length: 30 }, () => piece),
      encode(`\n${line()}`),
    ];
    expect(parse(pieces)).toMatchObject({
      unreadable: 1,
      rows: [{ name: 'GET /a' }, { name: 'GET /a' }],
    });
  });

  it('never throws, and never reads more rows than there are lines', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const { rows, unreadable } = parse([bytes]);
        const lines = bytes.filter((byte) => byte === 10).length + 1;
        expect(rows.length + unreadable).toBeLessThanOrEqual(lines);
      }),
    );
  });
});

it('reads the same rows however the bytes are cut', () => {
  const url = fc.stringMatching(/^\/[a-z;=?&#%é/]{0,20}$/);
  const row = fc.record({
    url,
    status: fc.constantFrom('200', '404', 'error_no_http_status'),
    tag: fc.constantFrom('', 'pay'),
  });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 20 }),
      fc.array(fc.nat(3_000), { maxLength: 8 }),
      (rows, cuts) => {
        const bytes = encode(rows.map(line).join(''));
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)),
          bytes.length,
        ].toSorted((a, b) => a - b);
        const pieces = places.slice(1).map((place, index) => bytes.slice(places[index], place));
        expect(parse(pieces)).toEqual(parse([bytes]));
        expect(parse(pieces)).toMatchObject({ unreadable: 0, rows: { length: rows.length } });
      },
    ),
  );
});

it('reads in rows of every form what stands there', () => {
  const digits = (most: number): fc.Arbitrary<string> =>
    fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
  const row = fc.record({
    date: fc.oneof(
      fc.tuple(fc.integer({ min: 1e9, max: 9e9 }), digits(6)).map((parts) => parts.join('.')),
      digits(12).map((text) => `1${text}`),
    ),
    url: fc.stringMatching(/^\/[a-z;?#é/]{0,300}$/),
    status: fc.oneof(fc.constantFrom('200', '404', '503'), digits(12)),
    duration: fc.oneof(
      fc.tuple(digits(11), digits(11)).map((parts) => parts.join('.')),
      digits(12),
      fc.constantFrom('1.7e-2', '12.'),
    ),
    tag: fc.constantFrom('', 'undefined', 'pay'),
  });
  fc.assert(
    fc.property(row, (parts) => {
      const read = rowOf(line(parts));
      const status = Number(parts.status);
      expect(read?.endMs).toBeCloseTo(Number(parts.date) * 1_000, 2);
      expect(read?.durationUs).toBe(Math.round(Number(parts.duration) * 1_000));
      expect(read).toMatchObject({ status: status < 1_000 ? status : 0, bytes: 127 });
    }),
  );
});

it('keeps the memory bounded when every request has a different name', () => {
  const parser = createDumpParser('x');
  let names: readonly string[] = [];
  for (let part = 0; part < 11; part++) {
    const rows = Array.from({ length: 10_000 }, (_, row) =>
      line({ url: `/${part * 10_000 + row}` }),
    );
    for (const batch of parser.push(encode(rows.join(''))))
      if (batch.type === 'samples') names = batch.names;
  }
  expect(names).toHaveLength(maxTableNames + 1);
  expect(names.at(-1)).toBe(otherName);
});

it('reads every number that Erlang writes', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true }), (value) => {
      const bytes = encode(String(value));
      expect(decimal(bytes, 0, bytes.length)).toBeCloseTo(value, 3);
    }),
  );
});
