/** Makes text from outside safe to look at: what cannot be seen, or would reorder its surroundings, is shown as an escape. */

/** Controls, bidirectional overrides, joiners, unpaired surrogates, blank letters: what shows nothing, or lies. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u3164|\uffa0/gu;

/** More combining marks on one letter than any script uses: they would grow over their neighbours. */
const piledUp = /(\p{M}{4})\p{M}+/gu;

/** One line of at most `max` characters. */
export function printable(text: string, max = 300): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(unseen, escaped).replace(piledUp, '$1');
}

/** Many lines; only line feed and tab keep their meaning. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line.replaceAll('\t', '    ').replace(/\r$/, ''), 2_000))
    .join('\n');
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
