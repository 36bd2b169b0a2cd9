/** Decides when a supervisor that has not ended its load is stuck, in time awake. */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { generatorFile } from '../generator/sample.ts';

export class Deadline {
  readonly #engineDir: string;
  readonly #marginMs: number;
  readonly #longestStepMs: number;
  #awakeMs = 0;
  #lookedMs = performance.now();
  #sign: number | undefined;
  #atMs: number;
  #since: string;
  #isForced = false;

  /**
   * `ms`: how long the load may still run, by the monotonic clock. `marginMs`: how late a
   * supervisor without a sign of life may be. `lookEveryMs`: how often `look` is called.
   */
  constructor(
    engineDir: string,
    { ms, marginMs, lookEveryMs }: Readonly<{ ms: number; marginMs: number; lookEveryMs: number }>,
  ) {
    this.#engineDir = engineDir;
    this.#marginMs = marginMs;
    this.#longestStepMs = 2 * lookEveryMs;
    this.#sign = signOfLife(engineDir);
    this.#atMs = ms + marginMs;
    this.#since = 'its time was up';
  }

  /** Why the load should have ended. */
  get since(): string {
    return this.#since;
  }

  get isOver(): boolean {
    return this.#awakeMs > this.#atMs;
  }

  /** A supervisor that still writes its line every second is slow, not stuck. */
  look(): void {
    const nowMs = performance.now();
    this.#awakeMs += Math.min(nowMs - this.#lookedMs, this.#longestStepMs);
    this.#lookedMs = nowMs;
    const sign = signOfLife(this.#engineDir);
    if (sign !== this.#sign && !this.#isForced)
      this.#atMs = Math.max(this.#atMs, this.#awakeMs + this.#marginMs);
    this.#sign = sign;
  }

  /** From now on the load must end within `ms` plus the margin. */
  hasten(ms: number, since: string): void {
    const atMs = this.#awakeMs + ms + this.#marginMs;
    if (this.#isForced || atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#since = since;
  }

  /** The supervisor is being killed, which may take `ms`, whatever it writes. */
  force(ms: number): void {
    this.#isForced = true;
    this.#atMs = this.#awakeMs + ms;
  }
}

/** The supervisor writes a line every second, until all of the engine has ended. */
function signOfLife(engineDir: string): number | undefined {
  return lstatSync(join(engineDir, generatorFile), { throwIfNoEntry: false })?.size;
}
