/**
 * Tells from the rows of a dump where a user's transactions begin, and which of them failed.
 *
 * A row names its user and the innermost transaction that was open, but not which of several of
 * that name. Two readings are told, and whoever knows how many transactions there were can see
 * which is true: rows one after the other are one transaction, as long as they name the same
 * (`run`); or it begins anew when its first request comes again (`round`).
 */

import { transactionMarks } from '../../samples.ts';

/**
 * Users are numbered as they come, so a place serves one after the other: one whose number is so
 * much higher takes it over from one that has ended long since. A power of two.
 */
const places = 2 ** 17;
const [runHasFailed, roundHasFailed] = [1, 2];
const { run, runFailed, round, roundFailed } = transactionMarks;

export class TransactionRuns {
  /** By place. Of no size before the first transaction. */
  #user = new Float64Array(0);
  #transaction = new Uint32Array(0);
  #first = new Uint32Array(0);
  #failed = new Uint8Array(0);

  get isEmpty(): boolean {
    return this.#user.length === 0;
  }

  /** The marks of a user's next row; `transaction` 0 is none, `name` is the request's. */
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
