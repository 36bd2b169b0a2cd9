/** User-data to test with: a real zip, and the layers and messages that tools make of it. */

import { crc32, deflateRawSync } from 'node:zlib';

export const xml = '<?xml version="1.0"?>\n<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">\n<tsung/>\n';

/** A zip with one file, deflated or stored. */
export function zip(content = xml.repeat(3), { stored = false } = {}): Buffer {
  const name = 'tsung.xml';
  const data = stored ? Buffer.from(content) : deflateRawSync(content);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(stored ? 0 : 8, 4);
  fields.writeUInt16LE(0x5c21, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(Buffer.byteLength(content), 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0'),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

export const emptyZip = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);

/** What bytes become in a program that reads them as UTF-8 text. */
export function asText(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('utf8'));
}

export function base64(content: Buffer | string): Buffer {
  return Buffer.from(Buffer.from(content).toString('base64'));
}

export type Part = Readonly<{ headers: readonly string[]; body: string }>;

/**
 * A message like those of Terraform's cloudinit_config; `lineEnd` and the boundary can be changed.
 */
export function mime(
  parts: readonly Part[],
  { lineEnd = '\r\n', boundary = 'MIMEBOUNDARY' }: { lineEnd?: string; boundary?: string } = {},
): Buffer {
  const lines = [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    ...parts.flatMap(({ headers, body }) => [`--${boundary}`, ...headers, '', body]),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join(lineEnd), 'latin1');
}

export const zipPart = (content: Buffer = zip()): Part => ({
  headers: ['Content-Transfer-Encoding: base64', 'Content-Type: application/zip'],
  body: content.toString('base64').replace(/.{76}/g, '$&\r\n'),
});

export const settingsPart = (text = 'lifetime: 2h'): Part => ({
  headers: ['Content-Type: text/x-onager; charset="utf-8"', 'MIME-Version: 1.0'],
  body: text,
});

export const cloudConfigPart: Part = {
  headers: ['Content-Type: text/cloud-config', 'Launch-Index: 0'],
  body: '#cloud-config\npackages: [jq]',
};
