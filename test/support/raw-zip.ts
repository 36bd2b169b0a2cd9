/** Writes zips in which every field can be a lie. */

import { crc32, deflateRawSync } from 'node:zlib';

/** The fields of one header that differ from the truth. */
export type Fields = Readonly<{
  signature?: number;
  madeBy?: number;
  flags?: number;
  method?: number;
  crc?: number;
  compressedSize?: number;
  size?: number;
  name?: Buffer;
  extra?: Buffer;
  disk?: number;
  /** With the file's type, as `stat` gives it. */
  mode?: number;
  attributes?: number;
  offset?: number;
  comment?: Buffer;
}>;

export type RawEntry = Readonly<{
  name: string | Buffer;
  data?: string | Buffer;
  /** The bytes in the zip; default: `data`, deflated. */
  packed?: Buffer;
  /** Fields of both headers; those of one header come on top. */
  both?: Fields;
  local?: Fields;
  central?: Fields;
  /** Follows the data: a data descriptor, or bytes that belong to nothing. */
  after?: Buffer;
  /** The entry is in the table of contents only. */
  centralOnly?: boolean;
}>;

export type End = Readonly<{
  disk?: number;
  directoryDisk?: number;
  entriesHere?: number;
  entries?: number;
  directoryBytes?: number;
  directoryStart?: number;
  commentBytes?: number;
  comment?: Buffer;
  before?: Buffer;
  /** Between the table of contents and the end record. */
  beforeEnd?: Buffer;
  after?: Buffer;
  zip64?: Readonly<{ entries?: number; recordAt?: number; disks?: number }>;
}>;

export function rawZip(entries: readonly RawEntry[], end: End = {}): Buffer {
  const parts: Buffer[] = [end.before ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let at = parts[0]?.length ?? 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    const method = entry.both?.method ?? 8;
    const packed = entry.packed ?? (method === 8 ? deflateRawSync(data, { level: 9 }) : data);
    const truth = {
      flags: 0x800,
      method,
      crc: crc32(data),
      compressedSize: packed.length,
      size: data.length,
      name: Buffer.from(entry.name),
      offset: at,
      ...entry.both,
    };
    directory.push(centralHeader({ ...truth, ...entry.central }));
    if (entry.centralOnly) continue;
    const written = [localHeader({ ...truth, ...entry.local }), packed, entry.after ?? none];
    parts.push(...written);
    at += written.reduce((sum, { length }) => sum + length, 0);
  }
  const contents = Buffer.concat(directory);
  parts.push(contents, end.beforeEnd ?? none);
  const truth = { entries: entries.length, directoryBytes: contents.length, directoryStart: at };
  at += contents.length + (end.beforeEnd?.length ?? 0);
  parts.push(zip64End(truth, end, at), endRecord({ ...truth, ...end }), end.after ?? none);
  return Buffer.concat(parts);
}

/** The fields of an extra field of the given kind. */
export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([u16(id, data.length), data]);
}

export function u16(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16LE(value & 0xffff, index * 2);
  return buffer;
}

export function u32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value >>> 0, index * 4);
  return buffer;
}

export function u64(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) buffer.writeBigUInt64LE(BigInt(value), index * 8);
  return buffer;
}

const none = Buffer.alloc(0);

function localHeader(fields: Fields): Buffer {
  const { signature = 0x04034b50, name = none, extra = none } = fields;
  const start = [u32(signature), u16(20), common(fields), u16(name.length, extra.length)];
  return Buffer.concat([...start, name, extra]);
}

function centralHeader(fields: Fields): Buffer {
  const { signature = 0x02014b50, name = none, extra = none, comment = none } = fields;
  const { madeBy = 0x0314, disk = 0, mode = 0o100644, attributes = mode * 0x10000 } = fields;
  return Buffer.concat([
    u32(signature),
    u16(madeBy, 20),
    common(fields),
    u16(name.length, extra.length, comment.length, disk, 0),
    u32(attributes, fields.offset ?? 0),
    name,
    extra,
    comment,
  ]);
}

function common(fields: Fields): Buffer {
  const { flags = 0, method = 0, crc = 0, compressedSize = 0, size = 0 } = fields;
  return Buffer.concat([u16(flags, method, 0, 0x21), u32(crc, compressedSize, size)]);
}

function endRecord(end: End): Buffer {
  const { disk = 0, directoryDisk = 0, entries = 0, entriesHere = entries, comment = none } = end;
  return Buffer.concat([
    u32(0x06054b50),
    u16(disk, directoryDisk, entriesHere, entries),
    u32(end.directoryBytes ?? 0, end.directoryStart ?? 0),
    u16(end.commentBytes ?? comment.length),
    comment,
  ]);
}

function zip64End(
  truth: Readonly<{ entries: number; directoryBytes: number; directoryStart: number }>,
  { zip64 }: End,
  at: number,
): Buffer {
  if (zip64 === undefined) return none;
  const { entries = truth.entries, recordAt = at, disks = 1 } = zip64;
  return Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(entries, entries, truth.directoryBytes, truth.directoryStart),
    u32(0x07064b50, 0),
    u64(recordAt),
    u32(disks),
  ]);
}
