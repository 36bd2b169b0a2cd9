/** Checks the outer structure of a zip: is it one, is it complete, was it damaged in transit? */

import { isUtf8 } from 'node:buffer';
import { OnagerError } from '../errors.ts';
import { counted } from '../text.ts';

const endRecord = Buffer.from('PK\x05\x06', 'latin1');

export function isZip(bytes: Buffer): boolean {
  const signature = bytes.toString('latin1', 0, 4);
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06';
}

/** Explains damage that unpacking would only call a broken zip. `where`: the MIME part. */
export function checkZip(bytes: Buffer, where?: string): void {
  const at = where === undefined ? {} : { where };
  if (isMangled(bytes) && !hasDirectory(bytes)) throw mangled(at);
  if (bytes.indexOf(endRecord) === 0) {
    throw new OnagerError('USER_DATA_ZIP_EMPTY', 'the zip has no files', {
      hint: 'zip the scenario from its own folder: zip -r ../tsung.xml.zip .',
      ...at,
    });
  }
  if (!bytes.includes(endRecord)) {
    throw new OnagerError(
      'USER_DATA_ZIP_CUT',
      `the zip ends early, after ${counted(bytes.length, 'byte')}`,
      {
        hint: 'user-data is limited to 16 KB: put a larger scenario into S3 and name it in scenario.from',
        ...at,
      },
    );
  }
}

/** Whether the end record points at the central directory; not if bytes were added or lost. */
function hasDirectory(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf(endRecord);
  if (end < 0 || end + 20 > bytes.length) return false;
  const start = bytes.readUInt32LE(end + 16);
  return bytes.toString('latin1', start, start + 4) === 'PK\x01\x02';
}

/**
 * Whether binary data is valid UTF-8, which happens only if a program read it as text and wrote it
 * again: other bytes then became U+FFFD, or two bytes each.
 */
export function isMangled(bytes: Buffer): boolean {
  return isUtf8(bytes) && bytes.some((byte) => byte >= 0x80);
}

export function mangled(at: Readonly<{ where?: string }> = {}): OnagerError {
  return new OnagerError(
    'USER_DATA_MANGLED',
    'the user-data is a binary file that a tool read as text',
    { hint: 'pass it with fileb://, not file://; in a program, as bytes, not as a string', ...at },
  );
}
