/** Makes text from outside safe to look at: what cannot be seen, or would reorder its surroundings, is shown as an escape. */

/** Controls, bidirectional overrides, invisible characters, unpaired surrogates: everything that shows nothing or lies. */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be shown
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|\p{Surrogate}/gu;

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

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
