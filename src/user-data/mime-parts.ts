/** Splits a MIME message (RFC 2045 and 2046) into its parts, strictly and in one pass. */

import { OnagerError } from '../errors.ts';
import { skipBlanks } from './xml-and-text.ts';

/**
 * `type`: media type in lower case; `name`: of the file, in lower case, or empty. `number`: 1 for
 * the first. `raw`: as it is in the message; `body`: decoded; throws if its encoding is broken.
 */
export type MimePart = Readonly<{
  type: string;
  name: string;
  number: number;
  raw: string;
  body(): Buffer;
}>;

/** The place of a problem, as shown to people. */
export function placeOf({ number }: Pick<MimePart, 'number'>): string {
  return `user-data, part ${number}`;
}

/** `isWhole`: the closing boundaries are there. */
type MimeMessage = Readonly<{ parts: readonly MimePart[]; isWhole: boolean }>;

const maxBytes = 4 * 1_024 ** 2;
const maxHeader = 16 * 1_024;
const maxParts = 100;
const maxDepth = 4;

/**
 * Without the line that mailbox files put before a message: `From me@host Fri Jan  2 03:04:05
 * 2026`.
 */
export function withoutEnvelope(text: string): string {
  return text.replace(/^>?From [^\r\n]*\r?\n/, '');
}

/** Nested multiparts are flattened, as cloud-init does. */
export function splitMime(bytes: Buffer): MimeMessage {
  if (bytes.length > maxBytes) throw broken(`it has ${bytes.length} bytes, more than ${maxBytes}`);
  // latin1 keeps every byte as one character
  const text = withoutEnvelope(skipBlanks(bytes).toString('latin1'));
  const parts: MimePart[] = [];
  return { isWhole: collect(text, parts, 0), parts };
}

/** Adds the parts of one entity; says whether it is whole. */
function collect(entity: string, parts: MimePart[], depth: number): boolean {
  const { headers, body } = splitHeader(entity);
  const contentType = headers.get('content-type') ?? 'text/plain';
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (!type.startsWith('multipart/')) {
    if (parts.length >= maxParts) throw broken(`it has more than ${maxParts} parts`);
    const number = parts.length + 1;
    const encoding = headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? '7bit';
    const name = nameIn(headers.get('content-disposition') ?? '') ?? nameIn(contentType) ?? '';
    const decoded = (): Buffer => decode(body, encoding, number);
    parts.push({ type, name: name.toLowerCase(), number, raw: body, body: decoded });
    return true;
  }
  if (depth >= maxDepth) throw broken(`its parts are nested more than ${maxDepth} deep`);
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) throw broken('it names no boundary');
  const { entities, isClosed } = splitBody(body, boundary);
  const whole = entities.map((inner) => collect(inner, parts, depth + 1));
  return isClosed && whole.every(Boolean);
}

function splitHeader(entity: string): { headers: ReadonlyMap<string, string>; body: string } {
  // A part may start with its blank line: then it has no headers.
  const blank = /^\r?\n|\r?\n\r?\n/.exec(entity);
  const header = blank === null ? entity : entity.slice(0, blank.index);
  const body = blank === null ? '' : entity.slice(blank.index + blank[0].length);
  if (header.length > maxHeader) throw broken(`a header has ${header.length} bytes`);
  const headers = new Map<string, string>();
  for (const line of header.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body };
}

function boundaryOf(contentType: string): string | undefined {
  const header = contentType.replace(/\s+/g, ' ');
  const match = /; ?boundary ?= ?(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(header);
  return match?.[1] ?? match?.[2];
}

/** The file name that a Content-Disposition or a Content-Type gives. */
function nameIn(header: string): string | undefined {
  const text = header.replace(/\s+/g, ' ');
  const match = /; ?(?:file)?name ?= ?(?:"([^"]{1,255})"|([^\s;"]{1,255}))/i.exec(text);
  return match?.[1] ?? match?.[2];
}

/** The parts between boundary lines; the line break before a boundary belongs to it. */
function splitBody(body: string, boundary: string): { entities: string[]; isClosed: boolean } {
  const escaped = boundary.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const lines = new RegExp(`(?:^|\\r?\\n)--${escaped}(--)?[ \\t]*(?=\\r?\\n|$)`, 'g');
  const entities: string[] = [];
  let start: number | undefined;
  for (const line of body.matchAll(lines)) {
    if (start !== undefined) entities.push(body.slice(start, line.index).replace(/^\r?\n/, ''));
    if (line[1] !== undefined) return { entities, isClosed: true };
    start = line.index + line[0].length;
  }
  if (start !== undefined) entities.push(body.slice(start).replace(/^\r?\n/, ''));
  return { entities, isClosed: false };
}

function decode(body: string, encoding: string, number: number): Buffer {
  switch (encoding) {
    case '7bit':
    case '8bit':
    case 'binary':
      return Buffer.from(body, 'latin1');
    case 'base64': {
      const text = body.replace(/\s+/g, '');
      const content = Buffer.from(text, 'base64');
      if (content.toString('base64') === text) return content;
      throw broken(`the base64 of part ${number} is cut off or changed`);
    }
    case 'quoted-printable':
      return Buffer.from(
        body
          .replace(/=[ \t]*\r?\n/g, '')
          .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      );
    default:
      throw broken(`part ${number} has an unknown Content-Transfer-Encoding`);
  }
}

function broken(why: string): OnagerError {
  return new OnagerError('USER_DATA_MIME', `the MIME message in the user-data is broken: ${why}`, {
    hint: 'make it with a MIME library, or give the zip itself as user-data',
  });
}
