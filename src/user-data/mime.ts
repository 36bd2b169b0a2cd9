/** The parts of a MIME message that are for Onager. */

import { OnagerError } from '../errors.ts';
import { type MimePart, splitMime } from './mime-parts.ts';
import { quoteBytes } from './show.ts';
import { decodeText } from './texts.ts';
import { checkZip, isZip } from './zip-bytes.ts';

export type MimeContent =
  | Readonly<{ kind: 'idle'; why: string }>
  | Readonly<{ kind: 'scenario'; form: 'zip'; scenario: Buffer; settingsText?: string }>
  | Readonly<{ kind: 'settings'; settingsText: string }>;

/** Whether the text starts with a header block as cloud-init's MIME messages do. */
export function looksLikeMime(start: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,75}:/.test(start)) return false;
  const [header = ''] = start.split(/\r?\n\r?\n/, 1);
  return /^(?:mime-version:|content-type:\s*multipart\/)/im.test(header);
}

/** Finds the scenario (`application/zip`) and the settings (`text/x-onager`); all other parts are cloud-init's. */
export function readMime(bytes: Buffer): MimeContent {
  const { parts, isWhole } = splitMime(bytes);
  const zips = parts.filter(({ type }) => type === 'application/zip');
  const texts = parts.filter(({ type }) => type === 'text/x-onager');
  const [zip] = zips;
  const [text] = texts;
  if (zip === undefined && text === undefined) {
    const types = [...new Set(parts.map(({ type }) => type))].slice(0, 5).join(', ') || 'nothing';
    return { kind: 'idle', why: `the MIME message is for cloud-init: it has ${types}` };
  }
  if (!isWhole) {
    throw new OnagerError('USER_DATA_MIME', 'the MIME message ends before its last boundary', {
      hint: 'user-data hold 16 KB: put a larger scenario into S3 and name it in scenario.from',
    });
  }
  const several = [zips, texts].find((same) => same.length > 1);
  if (several !== undefined) {
    const message = `the MIME message has ${several.length} parts ${several[0]?.type}`;
    throw new OnagerError('USER_DATA_MIME_SEVERAL', message, {
      hint: 'leave one: an instance fires one scenario',
    });
  }
  const settingsText = text === undefined ? undefined : decodeText(text.body(), where(text));
  if (zip !== undefined) {
    const scenario = zipOf(zip);
    return {
      kind: 'scenario',
      form: 'zip',
      scenario,
      ...(settingsText === undefined ? {} : { settingsText }),
    };
  }
  return { kind: 'settings', settingsText: settingsText ?? '' };
}

function zipOf(part: MimePart): Buffer {
  const bytes = part.body();
  if (!isZip(bytes)) {
    const message = `the part application/zip starts with ${quoteBytes(bytes)}`;
    throw new OnagerError('USER_DATA_MIME_ZIP', message, {
      hint: 'put the zip into it, with Content-Transfer-Encoding: base64',
      where: where(part),
    });
  }
  checkZip(bytes, where(part));
  return bytes;
}

function where({ number }: MimePart): string {
  return `user-data, part ${number}`;
}
