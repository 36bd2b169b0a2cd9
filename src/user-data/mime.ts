/** The parts of a MIME message that are for Onager. */

import { OnagerError } from '../errors.ts';
import { quote, quoteBytes } from '../text.ts';
import { type MimePart, placeOf, splitMime, withoutEnvelope } from './mime-parts.ts';
import { roleOf } from './part-role.ts';
import { checkXml, decodeText, skipBlanks } from './xml-and-text.ts';
import { checkZip, isZip } from './zip.ts';

type MimeContent =
  | Readonly<{ kind: 'idle'; why: string }>
  | Readonly<{
      kind: 'scenario';
      form: 'zip' | 'xml';
      scenario: Buffer;
      settingsText?: string;
    }>
  | Readonly<{ kind: 'settings'; settingsText: string }>;

/** Whether the text starts with a header block, like cloud-init's MIME messages. */
export function looksLikeMime(start: string): boolean {
  const message = withoutEnvelope(start);
  if (!/^[A-Za-z][A-Za-z0-9-]{0,75}:/.test(message)) return false;
  const [header = ''] = message.split(/\r?\n\r?\n/, 1);
  return /^(?:mime-version:|content-type:\s*multipart\/)/im.test(header);
}

/** Finds the scenario and the settings; all other parts are cloud-init's. */
export function readMime(bytes: Buffer): MimeContent {
  const { parts, isWhole } = splitMime(bytes);
  const roles = parts.map((part) => ({ part, role: roleOf(part) }));
  const scenarios = roles.filter(({ role }) => role === 'zip' || role === 'xml');
  const texts = roles.filter(({ role }) => role === 'settings');
  const [scenario] = scenarios;
  const [text] = texts;
  if (scenario === undefined && text === undefined) {
    const types = [...new Set(parts.map(({ type }) => type))].slice(0, 5).join(', ') || 'nothing';
    return { kind: 'idle', why: `the MIME message is for cloud-init: it has ${types}` };
  }
  if (!isWhole) {
    throw new OnagerError('USER_DATA_MIME', 'the MIME message ends before its last boundary', {
      hint: 'user-data is limited to 16 KB: put a larger scenario into S3 and name it in scenario.from',
    });
  }
  const several = [scenarios, texts].find((same) => same.length > 1);
  if (several !== undefined) {
    const what = several === texts ? 'settings' : 'a scenario';
    const types = several.map(({ part }) => quote(part.type).slice(1, -1)).join(', ');
    const message = `the MIME message has ${several.length} parts with ${what}: ${types}`;
    throw new OnagerError('USER_DATA_MIME_SEVERAL', message, {
      hint: 'keep one: an instance runs one scenario',
    });
  }
  const settingsText =
    text === undefined ? undefined : decodeText(text.part.body(), placeOf(text.part));
  if (scenario === undefined) return { kind: 'settings', settingsText: settingsText ?? '' };
  const form = scenario.role === 'xml' ? 'xml' : 'zip';
  return {
    kind: 'scenario',
    form,
    scenario: form === 'xml' ? xmlOf(scenario.part) : zipOf(scenario.part),
    ...(settingsText === undefined ? {} : { settingsText }),
  };
}

function xmlOf(part: MimePart): Buffer {
  const bytes = part.body();
  checkXml(bytes);
  return skipBlanks(bytes);
}

function zipOf(part: MimePart): Buffer {
  const bytes = part.body();
  if (!isZip(bytes)) {
    const named = part.name === '' ? '' : ` (${quote(part.name)})`;
    const message = `the part ${quote(part.type).slice(1, -1)}${named} starts with ${quoteBytes(bytes)}`;
    throw new OnagerError('USER_DATA_MIME_ZIP', message, {
      hint: 'put the zip into it, with Content-Transfer-Encoding: base64',
      where: placeOf(part),
    });
  }
  checkZip(bytes, placeOf(part));
  return bytes;
}
