/** Where transactions begin and fail, by the rows of their users. */
import { describe, expect, it } from 'vitest';
import { transactionMarks } from '../../../../../src/engine/samples.ts';
import { createDumpParser } from '../../../../../src/engine/tsung/output/dump-parser.ts';
import { TransactionRuns } from '../../../../../src/engine/tsung/output/transaction-runs.ts';

const { run, runFailed, round, roundFailed } = transactionMarks;
const begins = run | round;
const fails = runFailed | roundFailed;

describe('transactions of one user', () => {
  it.each<[string, readonly (readonly [number, number, boolean?])[], readonly number[]]>([
    [
      'rows of one',
      [
        [1, 5],
        [1, 6],
        [1, 7],
      ],
      [begins, 0, 0],
    ],
    [
      'its first failure only',
      [
        [1, 5],
        [1, 6, true],
        [1, 7, true],
      ],
      [begins, fails, 0],
    ],
    [
      'another one',
      [
        [1, 5],
        [2, 5],
        [1, 5],
      ],
      [begins, begins, begins],
    ],
    [
      'a row of none between',
      [
        [1, 5],
        [0, 6, true],
        [1, 5],
      ],
      [begins, 0, begins],
    ],
    [
      'none at all',
      [
        [0, 5],
        [0, 6, true],
      ],
      [0, 0],
    ],
    [
      'its first request again',
      [
        [1, 5, true],
        [1, 6],
        [1, 5],
        [1, 6, true],
      ],
      [begins | fails, 0, round, roundFailed],
    ],
  ])('with %s', (_, rows, marks) => {
    const runs = new TransactionRuns();
    expect(
      rows.map(([transaction, name, failed = false]) => runs.mark(9, transaction, name, failed)),
    ).toEqual(marks);
  });

  it('are not forgotten while other users come and go', () => {
    const runs = new TransactionRuns();
    runs.mark(0, 1, 5, false);
    for (let user = 1; user <= 130_000; user++) runs.mark(user, 1, 5, false);
    expect(runs.mark(0, 1, 6, false)).toBe(0);
  });
});

describe('a dump', () => {
  const row = (user: number, transaction: string, status = 200) =>
    `1795385427.950494;<0.181.0>;${user};get;h;/${transaction};${status};1;2.0;${transaction};;;\n`;
  const read = (rows: readonly string[], enclosing: readonly string[] = []) => {
    const parser = createDumpParser('d', new Set(enclosing));
    const [batch] = parser.push(Buffer.from(rows.join('')));
    if (batch?.type !== 'samples') throw new Error('no samples');
    const { count, transaction = [], transactionMarks: marks = [] } = batch;
    return { transactions: [...transaction.slice(0, count)], marks: [...marks.slice(0, count)] };
  };

  it('distinguishes users by their number', () => {
    const rows = [row(1, 'tr_a'), row(2, 'tr_a'), row(1, 'tr_a', 500), row(2, '-'), row(2, 'tr_a')];
    expect(read(rows)).toEqual({
      transactions: [1, 1, 1, 0, 1],
      marks: [begins, begins, round | fails, 0, begins],
    });
  });

  it('assigns no request to a transaction that contains others', () => {
    const rows = [row(1, 'tr_all'), row(1, 'tr_a', 500), row(1, 'tr_all'), row(1, 'tr_a')];
    expect(read(rows, ['all'])).toEqual({
      transactions: [0, 2, 0, 2],
      marks: [0, begins | fails, 0, begins],
    });
  });
});
