/** The text of an XML file, whatever encoding it came in. */
import { expect, it } from 'vitest';
import { detectTsung } from '../../../../../src/engine/tsung/detect.ts';
import { decodeXml } from '../../../../../src/engine/tsung/xml/decode.ts';

const declaration = '<?xml version="1.0" encoding="UTF-16"?>\n';
const root = '<tsung a="ü€"/>';
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

it.for<readonly [string, string]>([
  ['with a mark', `\uFEFF${declaration}${root}`],
  ['without a mark', `${declaration}${root}`],
  ['without a mark or a declaration', root],
  ['without a mark, behind blank lines', `\r\n\n ${root}`],
])('UTF-16 is decoded in both orders: %s', async ([, text]) => {
  for (const bytes of [utf16(text), utf16(text).swap16()]) {
    const plain = text.replace('\uFEFF', '');
    expect(decodeXml(bytes, 'a.xml')).toEqual({ text: plain, problems: [] });
    const found = await detectTsung(['peak.xml'], async () => bytes);
    expect(found).toMatchObject([{ entry: 'peak.xml', certainty: 'sure' }]);
  }
});

it.for<readonly [string, string | Uint8Array]>([
  ['nothing', ''],
  ['one byte', '<'],
  ['UTF-8', root],
  ['UTF-8 that still declares UTF-16', `${declaration}${root}`],
])('%s is not taken for UTF-16', ([, content]) => {
  const bytes = Buffer.from(content);
  expect(decodeXml(bytes, 'a.xml')).toEqual({ text: bytes.toString(), problems: [] });
});
