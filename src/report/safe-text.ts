/** Text of unknown origin made fit for a terminal or an XML file. */

/** Control characters, halves of surrogate pairs, invisible and direction-changing characters each become `�`, but for line ends in `lines`. */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\p{Cc}\p{Zl}\p{Zp}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{fffe}\u{ffff}]/gu,
      '\u{fffd}',
    );
}
