/**
 * Turns names that arrive as bytes into small numbers, without creating a string for a known name.
 */

import { escapeUnseen } from '../../../text.ts';
import { otherName } from '../../samples.ts';

/**
 * Names beyond this many are counted as one, so that a scenario with an id in every URL cannot fill
 * the memory.
 */
export const maxTableNames = 100_000;
/** The rest of a longer name is ignored. */
export const maxNameBytes = 256;
const firstSlots = 1024;

type NameTable = Readonly<{
  names: readonly string[];
  /**
   * The number of the name `prefix bytes` + (a space, if both are there) + `bytes`; both are ranges
   * of `buffer`. `hash`, of both in this order by `hashed`, each followed by a zero byte, saves a
   * second pass over the bytes; only for `bytes` of at most `maxNameBytes`.
   */
  index(
    buffer: Uint8Array,
    prefixStart: number,
    prefixEnd: number,
    start: number,
    end: number,
    hash?: number,
  ): number;
}>;

/** `show` makes the name of its bytes. */
export function createNameTable(show: (bytes: Uint8Array) => string = printable): NameTable {
  const names: string[] = [];
  const keys: Uint8Array[] = [];
  let slots = new Int32Array(firstSlots).fill(-1);
  let hashes = new Int32Array(firstSlots);
  let otherIndex = -1;

  function index(
    buffer: Uint8Array,
    prefixStart: number,
    prefixEnd: number,
    start: number,
    end: number,
    known?: number,
  ): number {
    const cut = end - start > maxNameBytes ? start + maxNameBytes : end;
    const hash =
      known ?? hashOf(buffer, start, cut, hashOf(buffer, prefixStart, prefixEnd, emptyHash));
    const mask = slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot] ?? -1;
      if (found === -1) return add(hash, slot, buffer, prefixStart, prefixEnd, start, cut);
      if (hashes[slot] === hash && isKey(keys[found], buffer, prefixStart, prefixEnd, start, cut)) {
        return found;
      }
    }
  }

  function add(
    hash: number,
    slot: number,
    buffer: Uint8Array,
    prefixStart: number,
    prefixEnd: number,
    start: number,
    end: number,
  ): number {
    if (names.length >= maxTableNames) {
      if (otherIndex === -1) otherIndex = names.push(otherName) - 1;
      return otherIndex;
    }
    const prefix = printable(buffer.subarray(prefixStart, prefixEnd)).toUpperCase();
    const name = show(buffer.subarray(start, end));
    const found = names.push(prefix === '' ? name : `${prefix} ${name}`) - 1;
    // As in the hash, a zero byte separates the two.
    const key = new Uint8Array(prefixEnd - prefixStart + 1 + end - start);
    key.set(buffer.subarray(prefixStart, prefixEnd));
    key.set(buffer.subarray(start, end), prefixEnd - prefixStart + 1);
    keys.push(key);
    slots[slot] = found;
    hashes[slot] = hash;
    if (names.length * 2 > slots.length) grow();
    return found;
  }

  function grow(): void {
    const [oldSlots, oldHashes] = [slots, hashes];
    slots = new Int32Array(oldSlots.length * 2).fill(-1);
    hashes = new Int32Array(slots.length);
    const mask = slots.length - 1;
    for (const [at, found] of oldSlots.entries()) {
      if (found === -1) continue;
      const hash = oldHashes[at] ?? 0;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = found;
      hashes[slot] = hash;
    }
  }

  return { names, index };
}

export const emptyHash = 0x811c9dc5;

/** FNV-1a. A zero byte ends the prefix and the name, so that "a" + "bc" is not "ab" + "c". */
export function hashed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

function hashOf(buffer: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = hashed(hash, buffer[at] ?? 0);
  return hashed(hash, 0);
}

function isKey(
  key: Uint8Array | undefined,
  buffer: Uint8Array,
  prefixStart: number,
  prefixEnd: number,
  start: number,
  end: number,
): boolean {
  const prefixLength = prefixEnd - prefixStart;
  if (key === undefined || key.length !== prefixLength + 1 + end - start) return false;
  for (let at = 0; at < prefixLength; at++) {
    if (key[at] !== buffer[prefixStart + at]) return false;
  }
  if (key[prefixLength] !== 0) return false;
  for (let at = start; at < end; at++) {
    if (key[prefixLength + 1 + at - start] !== buffer[at]) return false;
  }
  return true;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Erlang writes names in Latin-1; URLs come from the scenario as they are, mostly in UTF-8. */
function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * Names come from the scenario and the target: control characters are shown as escapes, so that no
 * terminal obeys them.
 */
export function printable(bytes: Uint8Array): string {
  return escapeUnseen(decoded(bytes));
}
