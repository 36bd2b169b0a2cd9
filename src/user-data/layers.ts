/** The two layers that tools wrap around user-data: base64 and gzip. */

import { gunzipSync } from 'node:zlib';
import { hasCode, messageOf, OnagerError } from '../errors.ts';

const maxBytes = 64 * 1_024 ** 2;

/** The content, or undefined if the bytes are not gzip. */
export function peelGzip(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) {
      throw new OnagerError('USER_DATA_TOO_LARGE', 'the gzip data unpacks to more than 64 MiB', {
        hint: 'put the scenario into S3 and name it in scenario.from',
        cause: error,
      });
    }
    const why = messageOf(error);
    throw new OnagerError('USER_DATA_GZIP', `the gzip data is broken: ${why}`, {
      hint: 'user-data is limited to 16 KB: check whether the file was cut off',
      cause: error,
    });
  }
}

/** The content, or undefined if the bytes are not base64. Throws for cut or URL-safe base64. */
export function peelBase64(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').replace(/\s+/g, '');
  const content = Buffer.from(text, 'base64');
  if (text !== '' && content.toString('base64') === text) return content;
  if (/^[A-Za-z0-9+/_-]{16,}=*$/.test(text) && knownStarts.test(text)) {
    const isUrlKind = /[_-]/.test(text);
    throw new OnagerError(
      'USER_DATA_ENCODING',
      isUrlKind
        ? 'the user-data is base64 with - and _, the variant for URLs'
        : 'the user-data is base64 that is cut off or changed',
      { hint: 'encode it with `base64`, or give the file itself: the AWS CLI encodes it' },
    );
  }
  return undefined;
}

/** base64 of a zip, of gzip, `<?xml`, `<!DOCTYPE`, `<tsung` and `#onager`. */
const knownStarts = /^(?:UEsDB|H4sI|PD94bW|PCFET0NUWVBF|PHRzdW5n|I29uYWdlc)/;
