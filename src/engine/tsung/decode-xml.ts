/** Turns the bytes of an XML file into text. */

/** Text of an XML file by its byte order mark or its declaration; UTF-8 where it has neither. */
export function decodeXml(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const label =
    /^(?:ï»¿)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (error) {
    // An encoding nobody knows: the text is judged as UTF-8, and Tsung will never see the label.
    if (error instanceof RangeError) return new TextDecoder().decode(bytes);
    throw error;
  }
}
