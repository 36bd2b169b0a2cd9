/** Reads the names in a zip, and finds everything unsafe about them. */

import type { Entry } from 'yauzl';
import type { Problem } from '../../errors.ts';
import { formatInteger } from '../../text.ts';
import { shownName } from './problem.ts';

const maxNameBytes = 1_024;
const maxSegmentBytes = 255;
const maxDepth = 16;

const madeByUnix = [3, 19];
const bidiControl = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The entry's name, or what is wrong with its bytes. Names without the UTF-8 mark are in an unknown
 * code page unless they are ASCII; Unix tools, including macOS's, write UTF-8 without saying so.
 */
export function decodedName(entry: Entry): Readonly<{ name: string } | { problem: string }> {
  const { fileNameRaw: raw, generalPurposeBitFlag, versionMadeBy } = entry;
  const second = entry.extraFields.find(({ id }) => id === 0x7075)?.data.subarray(5);
  if (second !== undefined && !second.equals(raw)) return { problem: 'it has a second name' };
  const isAscii = raw.every((byte) => byte < 0x80);
  const isUtf8 = (generalPurposeBitFlag & 0x800) !== 0 || madeByUnix.includes(versionMadeBy >> 8);
  if (!(isAscii || isUtf8)) return { problem: 'it is not marked as UTF-8' };
  try {
    return { name: strictUtf8.decode(raw) };
  } catch {
    return { problem: 'it is not valid UTF-8' };
  }
}

/** The name of an entry for people, whatever its bytes are. */
export function nameForPeople(entry: Entry): string {
  const decoded = decodedName(entry);
  return shownName('name' in decoded ? decoded.name : entry.fileNameRaw.toString('latin1'));
}

/** Why the name is unsafe, or undefined. A slash at its end makes it a folder's. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (Buffer.byteLength(name) > maxNameBytes)
    return `it is over ${formatInteger(maxNameBytes)} bytes`;
  if (control.test(name)) return 'it has control characters';
  if (bidiControl.test(name)) return 'it has characters that reverse the direction of text';
  if (name.includes('\\')) return 'it has a backslash';
  if (name.includes(':')) return 'it has a colon';
  if (name.startsWith('/')) return 'it is absolute';
  const segments = name.replace(/\/$/, '').split('/');
  if (segments.includes('..')) return 'it leaves its folder with ".."';
  if (segments.includes('.') || segments.includes('')) return 'it has an empty part or a "."';
  if (segments.length > maxDepth) return `it is over ${maxDepth} folders deep`;
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    return `a part of it is over ${maxSegmentBytes} bytes`;
  }
  return undefined;
}

/** Names that are one file, here or on other file systems, and files that are also folders. */
export function clashes(names: readonly string[]): readonly Problem[] {
  const seen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const name of names) {
    const key = sameFileKey(name);
    const other = seen.get(key);
    if (other === undefined) seen.set(key, name);
    else problems.push(duplicate(`${shownName(other)} and ${shownName(name)} are one file`));
  }
  for (const name of names) {
    const parents = sameFileKey(name).split('/').slice(0, -1);
    const file = parents
      .map((_, depth) => seen.get(parents.slice(0, depth + 1).join('/')))
      .find((parent) => parent !== undefined && !parent.endsWith('/'));
    if (file === undefined) continue;
    problems.push(duplicate(`${shownName(file)} is a file, and a folder for ${shownName(name)}`));
  }
  return problems;
}

function sameFileKey(name: string): string {
  return name.replace(/\/$/, '').normalize('NFC').toLowerCase();
}

function duplicate(message: string): Problem {
  return { code: 'ZIP_DUPLICATE', message, hint: 'give every file a different name' };
}
