/**
 * Finds in the rows of a dump where a user's transactions begin, and which of them failed.
 *
 * A row names its user and the innermost transaction that was open, but not which of several of
 * that name. Two readings are given, and the true one is known by how many transactions there were:
 * consecutive rows that name the same one are one transaction (`run`), or it begins again whenever
 * its first request comes again (`round`).
 */

import { transactionMarks } from '../../samples.ts';

/**
 * Users are numbered as they arrive, and slots are reused: by the time a user takes a slot over,
 * this many have arrived since its last owner, which has ended long ago. A power of two.
 */
const places = 2 ** 17;
const [runHasFailed, roundHasFailed] = [1, 2];
const { run, runFailed, round, roundFailed } = transactionMarks;

export class TransactionRuns {
  /** By slot; empty before the first transaction. */
  #user = new Float64Array(0);
  #transaction = new Uint32Array(0);
  #first = new Uint32Array(0);
  #failed = new Uint8Array(0);

  get isEmpty(): boolean {
    return this.#user.length === 0;
  }

  /** The marks of a user's next row. `transaction`: 0 if there is none. `name`: the request's. */
  mark(user: number, transaction: number, name: number, failed: boolean): number {
    if (this.isEmpty) {
      if (transaction === 0) return 0;
      this.#allocate();
    }
    const place = user & (places - 1);
    const isSame = this.#user[place] === user && this.#transaction[place] === transaction;
    let marks = 0;
    let before = this.#failed[place] ?? 0;
    if (!isSame) {
      this.#user[place] = user;
      this.#transaction[place] = transaction;
      this.#first[place] = name;
      before = 0;
      marks = run | round;
    } else if (this.#first[place] === name) {
      before &= runHasFailed;
      marks = round;
    }
    if (failed) {
      if ((before & runHasFailed) === 0) marks |= runFailed;
      if ((before & roundHasFailed) === 0) marks |= roundFailed;
      before = runHasFailed | roundHasFailed;
    }
    this.#failed[place] = before;
    return transaction === 0 ? 0 : marks;
  }

  #allocate(): void {
    this.#user = new Float64Array(places);
    this.#transaction = new Uint32Array(places);
    this.#first = new Uint32Array(places);
    this.#failed = new Uint8Array(places);
  }
}
