/**
 * Tells from the rows of a dump where a user's transactions begin, and which of them failed.
 *
 * A row names its user and the innermost transaction that was open, but not which of several of that name. Two readings are told,
 * and whoever knows how many transactions there were can see which is true: rows one after the other are one transaction, as long as
 * they name the same (`run`); or it begins anew when its first request comes again (`round`).
 */

import { transactionMarks } from '../samples.ts';

/** So many users' last transactions are kept; and as many of earlier ones, in which those are that have ended. */
const maxUsers = 100_000;

type Open = { transaction: number; first: number; runFailed: boolean; roundFailed: boolean };

export class TransactionRuns {
  #users = new Map<number, Open>();
  #earlier = new Map<number, Open>();

  get isEmpty(): boolean {
    return this.#users.size === 0 && this.#earlier.size === 0;
  }

  /** The marks of a user's next row; `transaction` 0 is none, `name` is the request's. */
  mark(user: number, transaction: number, name: number, failed: boolean): number {
    const open = this.#of(user, transaction);
    if (open === undefined) return 0;
    let marks = 0;
    if (open.transaction !== transaction) {
      open.transaction = transaction;
      open.first = name;
      open.runFailed = false;
      open.roundFailed = false;
      marks = transactionMarks.run | transactionMarks.round;
    } else if (open.first === name) {
      open.roundFailed = false;
      marks = transactionMarks.round;
    }
    if (!failed || transaction === 0) return transaction === 0 ? 0 : marks;
    if (!open.runFailed) marks |= transactionMarks.runFailed;
    if (!open.roundFailed) marks |= transactionMarks.roundFailed;
    open.runFailed = true;
    open.roundFailed = true;
    return marks;
  }

  /** Undefined where there is nothing to know. */
  #of(user: number, transaction: number): Open | undefined {
    const known = this.#users.get(user);
    if (known !== undefined) return known;
    const earlier = this.#earlier.get(user);
    if (earlier === undefined && transaction === 0) return undefined;
    const open = earlier ?? { transaction: 0, first: 0, runFailed: false, roundFailed: false };
    if (this.#users.size >= maxUsers) {
      this.#earlier = this.#users;
      this.#users = new Map();
    }
    this.#users.set(user, open);
    return open;
  }
}
