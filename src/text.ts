/** Text and numbers for people: foreign text and bytes made safe to show, digits in groups. */

/**
 * What shows nothing, reorders its surroundings or steers a terminal: controls, halves of
 * surrogate pairs, unassigned and private characters, line separators, joiners, variation
 * selectors and the letters that are blank.
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * More combining marks on one letter than any script uses: they would grow over their neighbours.
 */
const piledUp = /\p{M}{5,}/gu;
const mostMarks = 4;

/** The text on one line, at most `max` characters of it; what cannot be seen becomes an escape. */
export function escapeUnseen(text: string, max = Number.POSITIVE_INFINITY): string {
  return withoutUnseen(cut(text, max), escaped);
}

/** The text on one line; what cannot be seen becomes `�`. */
export function replaceUnseen(text: string): string {
  return withoutUnseen(text, () => '\u{fffd}');
}

/**
 * The text in double quotes, at most `max` characters of it; what cannot be seen becomes an escape.
 */
export function quote(text: string, max = 80): string {
  return escapeUnseen(JSON.stringify(cut(text, max)));
}

/** The first bytes in double quotes: printable ASCII as it stands, all else as `\xNN`. */
export function quoteBytes(bytes: Uint8Array, max = 24): string {
  const shown = Array.from(bytes.subarray(0, max), (byte) => {
    const character = String.fromCharCode(byte);
    return byte >= 0x20 && byte < 0x7f && !'"\\'.includes(character)
      ? character
      : escaped(character);
  });
  return `"${shown.join('')}${bytes.length > max ? '…' : ''}"`;
}

/** The first `max` characters and an ellipsis where there are more; no surrogate pair is split. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const isSplit = (text.codePointAt(max - 1) ?? 0) > 0xffff;
  return `${text.slice(0, isSplit ? max - 1 : max)}…`;
}

/** The id of an instance stays as it is. */
export function sentenceCase(text: string): string {
  if (text.startsWith('i-')) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A whole number in groups of three digits. Not by `toLocaleString`: its first use costs 8 MB of
 * memory.
 */
export function formatInteger(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3}){1,7}$)/g, ',');
}

/** A number and what it counts: `1 user`, `1,200 users`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}

function withoutUnseen(text: string, show: (character: string) => string): string {
  return text.replace(unseen, show).replace(piledUp, (marks) => {
    const all = Array.from(marks);
    return [...all.slice(0, mostMarks), ...all.slice(mostMarks).map(show)].join('');
  });
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
