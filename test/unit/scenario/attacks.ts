/** Every way we know to do harm with a zip, and the code that answers it. */

import { crc32, deflateRawSync } from 'node:zlib';
import type { ErrorCode } from '../../../src/errors.ts';
import { extraField, type RawEntry, rawZip, u16, u32, u64 } from '../../support/raw-zip.ts';

export type Attack = Readonly<{ title: string; code: ErrorCode; zip: () => Buffer }>;

const entry: RawEntry = { name: 'tsung.xml', data: '<tsung/>' };

function attack(
  code: ErrorCode,
  title: string,
  entries: readonly RawEntry[],
  end: Parameters<typeof rawZip>[1] = {},
): Attack {
  return { title, code, zip: () => rawZip(entries, end) };
}

/** Names that must not be written, each with what the message says about it. */
export const unsafeNames: readonly Readonly<{ name: string | Buffer; fault: string }>[] = [
  { name: '../x', fault: 'leaves' },
  { name: 'a/../../x', fault: 'leaves' },
  { name: 'a/..', fault: 'leaves' },
  { name: '..', fault: 'leaves' },
  { name: 'a/./../..', fault: 'leaves' },
  { name: '../../../../../../etc/evil.txt', fault: 'leaves' },
  { name: '..\\x', fault: 'backslash' },
  { name: '\\\\?\\x', fault: 'backslash' },
  { name: '/abs', fault: 'absolute' },
  { name: '//x', fault: 'absolute' },
  { name: '/', fault: 'absolute' },
  { name: 'C:x', fault: 'colon' },
  { name: 'file.xml:stream', fault: 'colon' },
  { name: '', fault: 'empty' },
  { name: 'a//x', fault: 'empty part' },
  { name: './x', fault: 'empty part' },
  { name: 'a/.', fault: 'empty part' },
  { name: 'x\0.xml', fault: 'control' },
  { name: 'x\ny', fault: 'control' },
  { name: '\x1b[2Jx', fault: 'control' },
  { name: 'x\x7f', fault: 'control' },
  { name: 'x\u0085', fault: 'control' },
  { name: 'x\u2028y', fault: 'control' },
  { name: 'gpj.\u202elmx', fault: 'reverse' },
  { name: 'a\u2066b', fault: 'reverse' },
  { name: Buffer.from([0x61, 0xff, 0xfe]), fault: 'valid UTF-8' },
  { name: Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]), fault: 'valid UTF-8' },
  { name: Buffer.from([0xed, 0xa0, 0x80]), fault: 'valid UTF-8' },
  { name: 'x'.repeat(65_535), fault: '1,024 bytes' },
  { name: 'x'.repeat(300), fault: '255 bytes' },
  { name: 'é'.repeat(128), fault: '255 bytes' },
  { name: 'a/'.repeat(16).concat('x'), fault: '16 folders' },
];

const unicodePath = (name: string): Buffer =>
  extraField(
    0x7075,
    Buffer.concat([Buffer.from([1]), u32(crc32(Buffer.from('tsung.xml'))), Buffer.from(name)]),
  );

/**
 * A deflate stream that is read several times: each header but the last hides in a stored block
 * before the next.
 */
function quotedOverlap(files: number): Buffer {
  const kernel = deflateRawSync(Buffer.alloc(60_000));
  const name = (file: number): string => `f${file}`;
  const headerBytes = 30 + 2;
  const quoteBytes = 5;
  return rawZip(
    Array.from({ length: files }, (_, file): RawEntry => {
      const quotes = files - 1 - file;
      return {
        name: name(file),
        packed: quotes === 0 ? kernel : Buffer.from([0, 32, 0, 223, 255]),
        both: {
          compressedSize: kernel.length + quotes * (headerBytes + quoteBytes),
          size: 60_000 + quotes * headerBytes,
          crc: 0,
        },
      };
    }),
  );
}

const mebibyte = 1024 ** 2;

export const attacks: readonly Attack[] = [
  // names
  ...unsafeNames.map(({ name, fault }) => ({
    title: `name ${JSON.stringify(name.toString().slice(0, 40))}: ${fault}`,
    code: 'ZIP_NAME' as const,
    zip: () => rawZip([entry, { name, data: 'x' }]),
  })),
  attack('ZIP_NAME', 'a second name in the unicode path field', [
    { ...entry, both: { extra: unicodePath('../x') } },
  ]),
  attack('ZIP_NAME', 'a name in an unknown code page', [
    { name: Buffer.from([0x82]), both: { flags: 0, madeBy: 0x14 } },
  ]),
  // types
  attack('ZIP_LINK', 'a link, then a file through it', [
    { name: 'link', data: '/etc', both: { mode: 0o120777 } },
    { name: 'link/passwd', data: 'x' },
  ]),
  attack('ZIP_SPECIAL_FILE', 'a FIFO', [{ name: 'x', both: { mode: 0o010644 } }]),
  attack('ZIP_SPECIAL_FILE', 'a block device', [{ name: 'x', both: { mode: 0o060644 } }]),
  attack('ZIP_SPECIAL_FILE', 'a character device', [{ name: 'x', both: { mode: 0o020644 } }]),
  attack('ZIP_SPECIAL_FILE', 'a socket', [{ name: 'x', both: { mode: 0o140644 } }]),
  attack('ZIP_SPECIAL_FILE', 'a file that says it is a folder', [
    { name: 'x', both: { mode: 0o040755 } },
  ]),
  attack('ZIP_SPECIAL_FILE', 'a folder that says it is a file', [
    { name: 'x/', both: { mode: 0o100644 } },
  ]),
  attack('ZIP_SETUID', 'a setuid file', [{ name: 'x', both: { mode: 0o104755 } }]),
  attack('ZIP_SETUID', 'a setgid file', [{ name: 'x', both: { mode: 0o102755 } }]),
  attack('ZIP_FOLDER_DATA', 'a folder with data', [
    { name: 'x/', data: 'hidden', both: { mode: 0o040755 } },
  ]),
  // names that are one file
  attack('ZIP_DUPLICATE', 'the same name twice', [entry, { ...entry, data: 'other' }]),
  attack('ZIP_DUPLICATE', 'names that differ in case', [entry, { name: 'Tsung.XML' }]),
  attack('ZIP_DUPLICATE', 'names that differ in Unicode form', [
    { name: 'caf\u00e9' },
    { name: 'cafe\u0301' },
  ]),
  attack('ZIP_DUPLICATE', 'a file that is a folder too', [{ name: 'dir' }, { name: 'dir/x' }]),
  attack('ZIP_DUPLICATE', 'a folder that is a file too', [{ name: 'DIR/a/x' }, { name: 'dir' }]),
  attack('ZIP_DUPLICATE', 'a name as file and as folder', [
    { name: 'dir/', both: { mode: 0o040755 } },
    { name: 'dir' },
  ]),
  // sizes
  attack('ZIP_RATIO', 'a plain bomb', [{ name: 'x', data: Buffer.alloc(10 * mebibyte) }]),
  attack('ZIP_TOO_LARGE', 'many files that are large together', [
    ...Array.from({ length: 9 }, (_, file) => ({
      name: `x${file}`,
      packed: Buffer.alloc(200_000),
      both: { size: 30 * mebibyte },
    })),
  ]),
  attack('ZIP_FILE_TOO_LARGE', 'a file of 65 MiB', [
    { name: 'x', packed: Buffer.alloc(mebibyte), both: { size: 65 * mebibyte } },
  ]),
  attack('ZIP_FILE_TOO_LARGE', '120 bytes that declare 4 GB', [
    { name: 'x', packed: Buffer.alloc(20), both: { size: 0xfffffffe } },
  ]),
  attack('ZIP_FILE_TOO_LARGE', 'a zip64 size of 2^60', [
    { name: 'x', both: { size: 0xffffffff, extra: extraField(1, u64(2 ** 60)) } },
  ]),
  attack('ZIP_DIRECTORY', 'a zip64 size that is not there', [
    { name: 'x', both: { size: 0xffffffff, extra: extraField(1, Buffer.alloc(4)) } },
  ]),
  attack('ZIP_SIZE_LIE', 'more data than declared', [{ ...entry, both: { size: 3 } }]),
  attack('ZIP_SIZE_LIE', 'less data than declared', [{ ...entry, both: { size: 30 } }]),
  attack('ZIP_SIZE_LIE', 'stored, with two sizes', [{ ...entry, both: { method: 0, size: 5 } }]),
  attack('ZIP_SIZE_LIE', 'data that reaches past the end', [
    { ...entry, both: { compressedSize: 100_000 } },
  ]),
  attack('ZIP_CRC', 'a wrong checksum', [{ ...entry, both: { crc: 1 } }]),
  attack('ZIP_CRC', 'a wrong checksum of an empty file', [{ name: 'x', both: { crc: 1 } }]),
  attack('ZIP_DATA', 'data that is not deflated', [
    { ...entry, packed: Buffer.from([0xff, 0xff, 0xff]) },
  ]),
  attack('ZIP_DATA', 'deflated data that is cut off', [
    { ...entry, packed: deflateRawSync(Buffer.from('<tsung/>')).subarray(0, 5) },
  ]),
  // who owns which bytes
  attack('ZIP_OVERLAP', 'two names for the same data', [
    { name: 'a', data: 'x', local: { name: Buffer.from('a') } },
    { name: 'b', data: 'x', centralOnly: true, central: { offset: 0 } },
  ]),
  { title: 'headers quoted inside data', code: 'ZIP_OVERLAP', zip: () => quotedOverlap(200) },
  attack('ZIP_OVERLAP', 'data that reaches into the table of contents', [
    { name: 'a', data: 'x', both: { method: 0, compressedSize: 20, size: 20 } },
  ]),
  attack('ZIP_HIDDEN_BYTES', 'bytes between files', [
    { name: 'a', after: Buffer.alloc(16) },
    { name: 'b' },
  ]),
  attack('ZIP_HIDDEN_BYTES', 'too many bytes after data whose size follows', [
    { name: 'a', both: { flags: 0x808 }, after: Buffer.alloc(100) },
  ]),
  attack('ZIP_HIDDEN_BYTES', 'a file that is not in the table of contents', [
    { name: 'a', after: rawZip([{ name: 'hidden' }]).subarray(0, 38) },
    { name: 'b' },
  ]),
  attack('ZIP_HIDDEN_BYTES', 'bytes after the end', [entry], { after: Buffer.from('x') }),
  attack('ZIP_DIRECTORY', 'two zips, one after the other', [entry], { after: rawZip([entry]) }),
  attack('ZIP_NOT_A_ZIP', 'bytes before the start', [entry], { before: Buffer.from('MZ..') }),
  attack('ZIP_DIRECTORY', 'another end record in the comment', [entry], {
    comment: Buffer.concat([u32(0x06054b50), u16(0, 0, 1, 1), u32(55, 47), u16(0)]),
  }),
  attack('ZIP_DIRECTORY', 'bytes before the end record', [entry], { beforeEnd: Buffer.alloc(9) }),
  // what the headers say
  attack('ZIP_HEADER_MISMATCH', 'another name in the header', [
    { ...entry, local: { name: Buffer.from('other.xml') } },
  ]),
  attack('ZIP_HEADER_MISMATCH', 'another method in the header', [
    { ...entry, local: { method: 0 } },
  ]),
  attack('ZIP_HEADER_MISMATCH', 'another size in the header', [{ ...entry, local: { size: 1 } }]),
  attack('ZIP_HEADER_MISMATCH', 'another checksum in the header', [
    { ...entry, local: { crc: 1 } },
  ]),
  attack('ZIP_HEADER_MISMATCH', 'encrypted in the header only', [
    { ...entry, local: { flags: 0x801 } },
  ]),
  attack('ZIP_HEADER_MISMATCH', 'no header where it should be', [
    { ...entry, local: { signature: 0x04034b50 }, central: { offset: 1 } },
  ]),
  attack('ZIP_ENCRYPTED', 'a password', [{ ...entry, both: { flags: 0x801 } }]),
  attack('ZIP_ENCRYPTED', 'strong encryption', [{ ...entry, both: { flags: 0x841 } }]),
  attack('ZIP_ENCRYPTED', 'an encrypted table of contents', [
    { ...entry, both: { flags: 0x2800 } },
  ]),
  ...[1, 6, 9, 12, 14, 93, 95, 98, 99].map((method) =>
    attack('ZIP_METHOD', `compression method ${method}`, [{ ...entry, both: { method } }]),
  ),
  // the table of contents
  attack('ZIP_EMPTY', 'no entry', []),
  attack('ZIP_EMPTY', 'folders only', [{ name: 'x/', both: { mode: 0o040755 } }]),
  attack('ZIP_EMPTY', "macOS's own files only", [{ name: '__MACOSX/._x' }, { name: '.DS_Store' }]),
  attack('ZIP_TOO_MANY_FILES', '65,535 entries declared', [entry], { entries: 65_535 }),
  attack('ZIP_TOO_MANY_FILES', '2^50 entries declared', [entry], {
    zip64: { entries: 2 ** 50 },
    entries: 0xffff,
  }),
  {
    title: '70,000 empty entries',
    code: 'ZIP_TOO_MANY_FILES',
    zip: () =>
      rawZip(
        Array.from({ length: 70_000 }, (_, file) => ({ name: `${file}`, packed: Buffer.alloc(0) })),
        { zip64: {}, entries: 0xffff },
      ),
  },
  attack('ZIP_DIRECTORY', 'fewer entries declared than there are', [entry, { name: 'b' }], {
    entries: 1,
  }),
  attack('ZIP_DIRECTORY', 'none declared, one there', [entry], { entries: 0 }),
  attack('ZIP_DIRECTORY', 'more entries declared than there are', [entry], { entries: 2 }),
  attack('ZIP_DIRECTORY', 'a table of contents elsewhere', [entry], { directoryStart: 4 }),
  attack('ZIP_DIRECTORY', 'a table of contents of another size', [entry], { directoryBytes: 9 }),
  attack('ZIP_DIRECTORY', 'a table of contents past the end', [entry], {
    directoryStart: 0x7fffffff,
  }),
  attack('ZIP_DIRECTORY', 'an entry without its mark', [{ ...entry, central: { signature: 1 } }]),
  attack('ZIP_DIRECTORY', 'an extra field that overruns', [
    { ...entry, both: { extra: u16(0x5455, 50, 0) } },
  ]),
  attack('ZIP_DIRECTORY', 'a zip64 end record past the end', [entry], {
    zip64: { recordAt: 2 ** 40 },
  }),
  attack('ZIP_DIRECTORY', 'a zip64 end record at 2^63', [entry], { zip64: { recordAt: 2 ** 63 } }),
  attack('ZIP_DIRECTORY', 'two end records that differ', [entry, { name: 'b' }], {
    zip64: {},
    entries: 1,
  }),
  attack('ZIP_MULTI_DISK', 'a part of several', [entry], { disk: 1 }),
  attack('ZIP_MULTI_DISK', 'a table of contents on another disk', [entry], { directoryDisk: 1 }),
  attack('ZIP_MULTI_DISK', 'some entries elsewhere', [entry], { entriesHere: 0 }),
  {
    title: 'the start of several parts',
    code: 'ZIP_MULTI_DISK',
    zip: () => Buffer.concat([u32(0x08074b50), rawZip([entry])]),
  },
  {
    title: 'a start without an end',
    code: 'ZIP_TRUNCATED',
    zip: () => rawZip([entry]).subarray(0, 30),
  },
  { title: 'no bytes', code: 'ZIP_NOT_A_ZIP', zip: () => Buffer.alloc(0) },
  {
    title: 'text',
    code: 'ZIP_NOT_A_ZIP',
    zip: () => Buffer.from('<html>not found</html>'.repeat(9)),
  },
];
