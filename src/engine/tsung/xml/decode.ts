/** Turns the bytes of an XML file into text. */

import { isUtf8 } from 'node:buffer';
import type { Problem } from '../../../errors.ts';

type DecodedXml = Readonly<{ text: string; problems: readonly Problem[] }>;

/**
 * Decodes by the byte order mark, the zero bytes of UTF-16 without one, or the declared encoding;
 * otherwise as UTF-8.
 */
export function decodeXml(bytes: Uint8Array, file: string): DecodedXml {
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) return decode(bytes, utf16);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared = /^(?:ï»¿)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
  const label = encodingOf(declared);
  if (label !== 'utf-8' || isUtf8(bytes)) return decode(bytes, label);
  return { ...decode(bytes, label), problems: [notUtf8(bytes, file, declared)] };
}

/** The first character of XML is ASCII: one of its two bytes in UTF-16 is zero. */
function utf16Of([first, second]: Uint8Array): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0) return 'utf-16le';
  return first === 0 && second !== 0 ? 'utf-16be' : undefined;
}

function decode(bytes: Uint8Array, label: string): DecodedXml {
  return { text: new TextDecoder(label).decode(bytes), problems: [] };
}

/**
 * Text in an unknown encoding is judged as UTF-8; Tsung never sees the label. A declaration of
 * UTF-16 that is itself in single bytes is left over from before a conversion.
 */
function encodingOf(declared = 'utf-8'): string {
  try {
    const { encoding } = new TextDecoder(declared);
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch (error) {
    if (error instanceof RangeError) return 'utf-8';
    throw error;
  }
}

function notUtf8(bytes: Uint8Array, file: string, declared: string | undefined): Problem {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n');
  const line = lines.findIndex((its) => !isUtf8(Buffer.from(its, 'latin1'))) + 1;
  const what = declared === undefined ? 'declares no encoding' : `declares encoding="${declared}"`;
  return {
    code: 'TSUNG_XML',
    message: `the file is not UTF-8, and ${what}`,
    hint: 'save it as UTF-8, or declare its encoding, such as <?xml version="1.0" encoding="ISO-8859-1"?>',
    where: `${file}:${line}`,
  };
}
