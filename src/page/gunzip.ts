/**
 * Unpacks gzip without waiting, which the browser's own DecompressionStream cannot: a page that is
 * printed as soon as it is loaded must be drawn by then.
 *
 * RFC 1951 and 1952. Throws an Error on anything that is not whole.
 */

/** The symbol and the length of each code, by the `bits` that come next. */
type Table = Readonly<{ entries: Uint16Array; bits: number }>;

/** Of a code of a length, or of a distance: its least value, and how many bits tell the rest. */
type Code = Readonly<{ least: number; furtherBits: number }>;

const headerBytes = 10;
const trailerBytes = 8;
/** A report is a few megabytes; a file that claims more than this is not one. */
const maxBytes = 512 * 1024 ** 2;

export function gunzip(input: Uint8Array): Uint8Array {
  const [first, second, method, flags] = input;
  if (first !== 0x1f || second !== 0x8b || method !== 8 || flags !== 0) throw broken();
  if (input.length < headerBytes + trailerBytes) throw broken();
  const end = input.length - trailerBytes;
  const size = new DataView(input.buffer, input.byteOffset).getUint32(end + 4, true);
  if (size > maxBytes) throw broken();
  return inflate(input.subarray(headerBytes, end), new Uint8Array(size));
}

function inflate(input: Uint8Array, output: Uint8Array): Uint8Array {
  let place = 0;
  let held = 0;
  let count = 0;
  let written = 0;

  function need(bits: number): void {
    while (count < bits) {
      // Beyond the end there are zeros: a code may be shorter than what is looked at.
      held |= (input[place] ?? 0) << count;
      place += 1;
      count += 8;
    }
    if (place > input.length + 4) throw broken();
  }

  function take(bits: number): number {
    need(bits);
    const value = held & ((1 << bits) - 1);
    held >>>= bits;
    count -= bits;
    return value;
  }

  function symbol({ entries, bits }: Table): number {
    need(bits);
    const entry = entries[held & ((1 << bits) - 1)] ?? 0;
    const length = entry & 15;
    if (length === 0) throw broken();
    held >>>= length;
    count -= length;
    return entry >> 4;
  }

  function stored(): void {
    // What is held are whole bytes and the rest of one.
    place -= count >> 3;
    held = 0;
    count = 0;
    const length = (input[place] ?? 0) | ((input[place + 1] ?? 0) << 8);
    place += 4;
    if (place + length > input.length || written + length > output.length) throw broken();
    output.set(input.subarray(place, place + length), written);
    place += length;
    written += length;
  }

  function copy(length: number, distance: number): void {
    if (distance > written || written + length > output.length) throw broken();
    // It may overlap what it writes.
    for (const end = written + length; written < end; written += 1) {
      output[written] = output[written - distance] ?? 0;
    }
  }

  function put(byte: number): void {
    if (written >= output.length) throw broken();
    output[written] = byte;
    written += 1;
  }

  function codedValue(codes: readonly Code[], found: number): number {
    const code = codes[found];
    if (code === undefined) throw broken();
    return code.least + take(code.furtherBits);
  }

  function coded(literals: Table, distances: Table): void {
    for (let found = symbol(literals); found !== 256; found = symbol(literals)) {
      if (found < 256) put(found);
      else copy(codedValue(lengthCodes, found - 257), codedValue(distanceCodes, symbol(distances)));
    }
  }

  function dynamic(): readonly [Table, Table] {
    const [literals, distances, codes] = [take(5) + 257, take(5) + 1, take(4) + 4];
    const own = new Uint8Array(19);
    for (const at of codeOrder.slice(0, codes)) own[at] = take(3);
    const lengths = codeLengths(tableOf(own), literals + distances);
    return [tableOf(lengths.subarray(0, literals)), tableOf(lengths.subarray(literals))];
  }

  function codeLengths(table: Table, all: number): Uint8Array {
    const lengths = new Uint8Array(all);
    for (let at = 0; at < all; ) {
      const found = symbol(table);
      const [least, bits] = repeats[found - 16] ?? [1, 0];
      const end = at + least + take(bits);
      if (end > all) throw broken();
      const repeated = found === 16 ? (lengths[at - 1] ?? 0) : 0;
      lengths.fill(found < 16 ? found : repeated, at, end);
      at = end;
    }
    return lengths;
  }

  for (let isLast = 0; isLast === 0; ) {
    isLast = take(1);
    const type = take(2);
    if (type === 0) stored();
    else if (type === 1) coded(...fixedTables());
    else if (type === 2) coded(...dynamic());
    else throw broken();
  }
  if (written !== output.length) throw broken();
  return output;
}

function tableOf(lengths: Uint8Array): Table {
  const bits = Math.max(1, ...lengths);
  const entries = new Uint16Array(1 << bits);
  let code = 0;
  for (let length = 1; length <= bits; length += 1) {
    for (const [symbol, its] of lengths.entries()) {
      if (its !== length) continue;
      if (code >= 1 << length) throw broken();
      for (let at = reversed(code, length); at < entries.length; at += 1 << length) {
        entries[at] = (symbol << 4) | length;
      }
      code += 1;
    }
    code <<= 1;
  }
  return { entries, bits };
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit += 1) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

function fixedTables(): readonly [Table, Table] {
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256);
  lengths.fill(7, 256, 280).fill(8, 280, 288);
  return [tableOf(lengths), tableOf(new Uint8Array(30).fill(5))];
}

function codesFrom(least: number, bits: readonly number[]): readonly Code[] {
  let next = least;
  return bits.map((furtherBits) => {
    const code = { least: next, furtherBits };
    next += 1 << furtherBits;
    return code;
  });
}

/** How often a length is repeated: the least, and how many bits tell the rest. */
const repeats = [[3, 2] as const, [3, 3] as const, [11, 7] as const];
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const lengthCodes = [
  ...codesFrom(
    3,
    Array.from({ length: 28 }, (_, at) => Math.max(0, (at >> 2) - 1)),
  ),
  { least: 258, furtherBits: 0 },
];
const distanceCodes = codesFrom(
  1,
  Array.from({ length: 30 }, (_, at) => Math.max(0, (at >> 1) - 1)),
);

function broken(): Error {
  return new Error('the data in this file are damaged');
}
