/** Finds the files of a scenario that Tsung could start with, by their names and beginnings. */

import { posix } from 'node:path';
import type { Candidate, ReadStart } from '../engine.ts';
import { decodeXml } from './xml/decode.ts';
import { parseDoctype } from './xml/doctype.ts';
import { markup } from './xml/markup.ts';
import { nameOfTag } from './xml/tree.ts';

const usualName = 'tsung.xml';

/**
 * The file with the usual name, else those at the top level, else those in folders: old copies and
 * other scenarios are in folders more often than the entry file is.
 */
export async function detectTsung(
  files: readonly string[],
  read: ReadStart,
): Promise<readonly Candidate[]> {
  const xml = files.filter((file) => file.toLowerCase().endsWith('.xml'));
  const found: Candidate[] = [];
  for (const group of ['usual', 'top', 'folder'] as const) {
    for (const entry of xml.filter((file) => placeOf(file) === group)) {
      const certainty = certaintyOf(entry, await read(entry));
      if (certainty !== undefined) found.push({ entry, certainty });
    }
    const sure = found.filter(({ certainty }) => certainty === 'sure');
    if (sure.length > 0) return sure;
  }
  return found;
}

function placeOf(file: string): 'usual' | 'top' | 'folder' {
  if (file === usualName) return 'usual';
  return file.includes('/') ? 'folder' : 'top';
}

/**
 * A file whose beginning does not show what it is may be a broken scenario: it is claimed, and as
 * certain if it has the usual name, so that its author learns what is wrong with it.
 */
function certaintyOf(file: string, start: Uint8Array): Candidate['certainty'] | undefined {
  const name = documentName(decodeXml(start, '').text);
  const isUsual = posix.basename(file).toLowerCase() === usualName;
  if (name === 'tsung') return 'sure';
  if (name === undefined) return isUsual ? 'sure' : 'likely';
  return isUsual || name.toLowerCase() === 'tsung' ? 'likely' : undefined;
}

/** What the DOCTYPE or the first element says that this is, whatever follows. */
function documentName(text: string): string | undefined {
  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'tag' && kind !== 'doctype') continue;
    const name =
      kind === 'tag' ? nameOfTag(text, start, end) : parseDoctype(text.slice(start, end)).root;
    // Such as a DOCTYPE in lower case, or nothing but a bracket.
    if (name !== '' && !name.startsWith('!')) return name;
  }
  return undefined;
}
