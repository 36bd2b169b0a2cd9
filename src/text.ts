/** Text and numbers for people: foreign text and bytes made safe to show, digits in groups. */

const unprintable = /[\u007f-\u009f\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** The text in double quotes, control and invisible characters escaped, at most `max` characters of it. */
export function quote(text: string, max = 80): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return JSON.stringify(cut).replace(
    unprintable,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The first bytes in double quotes: printable ASCII as it stands, all else as `\xNN`. */
export function quoteBytes(bytes: Uint8Array, max = 24): string {
  const shown = Array.from(bytes.subarray(0, max), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `"${shown.join('')}${bytes.length > max ? '…' : ''}"`;
}

/** A whole number for people, in groups of three digits. Not by toLocaleString: its first use costs 8 MB of memory. */
export function formatInteger(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3}){1,7}$)/g, ',');
}
