/**
 * Counters in pages of equal size, shared by many histograms: each uses memory only where it has
 * values.
 */

const chunkBits = 16;
const chunkMask = (1 << chunkBits) - 1;

export class CounterPages {
  /** A page has 2 to this power counters, at most `chunkBits`. */
  readonly bits: number;
  /** Counts modulo 2^16, in pieces that are never moved. */
  readonly #chunks: Uint16Array[] = [];
  /** By index, in units of 2^16: few counters ever need it. */
  readonly #carried = new Map<number, number>();
  /** Page 0 is never handed out: it means "none". */
  #used = 1;
  readonly #free: number[] = [];

  constructor(bits: number) {
    this.bits = bits;
  }

  get bytesUsed(): number {
    return (this.#used - this.#free.length) * (2 << this.bits);
  }

  /** A page whose counters are all 0. */
  take(): number {
    const page = this.#free.pop() ?? this.#used++;
    while ((page << this.bits) >>> chunkBits >= this.#chunks.length) {
      this.#chunks.push(new Uint16Array(1 << chunkBits));
    }
    return page;
  }

  increment(page: number, counter: number): void {
    const place = (page << this.bits) + counter;
    const chunk = this.#chunkOf(place);
    const counted = ((chunk[place & chunkMask] ?? 0) + 1) & 0xffff;
    chunk[place & chunkMask] = counted;
    if (counted === 0) this.#carry(place, 1);
  }

  addTo(page: number, counter: number, count: number): void {
    const place = (page << this.bits) + counter;
    const chunk = this.#chunkOf(place);
    const sum = (chunk[place & chunkMask] ?? 0) + count;
    chunk[place & chunkMask] = sum & 0xffff;
    const carried = Math.floor(sum / 2 ** 16);
    if (carried > 0) this.#carry(place, carried);
  }

  countOf(page: number, counter: number): number {
    const place = (page << this.bits) + counter;
    const carried = this.#carried.size > 0 ? (this.#carried.get(place) ?? 0) : 0;
    return (this.#chunkOf(place)[place & chunkMask] ?? 0) + carried * 2 ** 16;
  }

  /** Calls back for every non-zero counter of a page, in ascending order. */
  visit(page: number, each: (counter: number, count: number) => void): void {
    const first = page << this.bits;
    const chunk = this.#chunkOf(first);
    const hasCarried = this.#carried.size > 0;
    for (let counter = 0; counter < 1 << this.bits; counter++) {
      let count = chunk[(first & chunkMask) + counter] ?? 0;
      if (hasCarried) count += (this.#carried.get(first + counter) ?? 0) * 2 ** 16;
      if (count > 0) each(counter, count);
    }
  }

  /** Adds all counters of another page. */
  add(into: number, from: number): void {
    const [toFirst, fromFirst] = [into << this.bits, from << this.bits];
    const [to, at] = [this.#chunkOf(toFirst), this.#chunkOf(fromFirst)];
    const [toStart, fromStart] = [toFirst & chunkMask, fromFirst & chunkMask];
    for (let counter = 0; counter < 1 << this.bits; counter++) {
      const sum = (to[toStart + counter] ?? 0) + (at[fromStart + counter] ?? 0);
      to[toStart + counter] = sum & 0xffff;
      if (sum > 0xffff) this.#carry(toFirst + counter, 1);
    }
    if (this.#carried.size === 0) return;
    for (let counter = 0; counter < 1 << this.bits; counter++) {
      const carried = this.#carried.get(fromFirst + counter);
      if (carried !== undefined) this.#carry(toFirst + counter, carried);
    }
  }

  giveBack(page: number): void {
    const first = page << this.bits;
    const size = 1 << this.bits;
    this.#chunkOf(first).fill(0, first & chunkMask, (first & chunkMask) + size);
    if (this.#carried.size > 0) {
      for (let place = first; place < first + size; place++) this.#carried.delete(place);
    }
    this.#free.push(page);
  }

  #chunkOf(place: number): Uint16Array {
    const chunk = this.#chunks[place >>> chunkBits];
    if (chunk === undefined) throw new RangeError(`page ${place >>> this.bits} was never taken`);
    return chunk;
  }

  #carry(place: number, count: number): void {
    this.#carried.set(place, (this.#carried.get(place) ?? 0) + count);
  }
}
