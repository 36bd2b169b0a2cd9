/** User-data that is text: XML and settings, and their possible encodings. */

import { isUtf8 } from 'node:buffer';
import { OnagerError } from '../errors.ts';

const headBytes = 4_096;

/** The bytes without a leading byte order mark and leading white space. */
export function skipBlanks(bytes: Buffer): Buffer {
  let start = bytes.toString('latin1', 0, 3) === '\u00ef\u00bb\u00bf' ? 3 : 0;
  while ([0x20, 0x09, 0x0a, 0x0d].includes(bytes[start] ?? -1)) start += 1;
  return bytes.subarray(start);
}

/** The first 4 KB of these as text; bytes beyond ASCII become the characters of the same number. */
export function firstText(bytes: Buffer): string {
  return skipBlanks(bytes).toString('latin1', 0, headBytes);
}

/** Whether this is XML that may be a scenario; comments may come first. */
export function isXml(start: string): boolean {
  if (/^<\?xml[\s?]|^<!DOCTYPE\s+tsung|^<tsung[\s>]/.test(start)) return true;
  return start.startsWith('<!--') && rootOf(start) === 'tsung';
}

/**
 * The same for a part that may not be for Onager: also XML that was probably meant as a scenario,
 * so that it can be refused.
 */
export function isScenarioXml(start: string): boolean {
  const root = rootOf(start)?.toLowerCase() ?? 'tsung';
  return isXml(start) && ['tsung', 'jmetertestplan', 'error'].includes(root);
}

/** https://docs.cloud-init.io/en/latest/explanation/format.html */
export function cloudInitStart(start: string): string | undefined {
  const match =
    /^(?:#!|#cloud-config-archive|#cloud-config-jsonp|#cloud-config|#cloud-boothook|#include-once|#include|#part-handler|#upstart-job|## template: *jinja)/i;
  return match.exec(start)?.[0];
}

/** Whether the first line says that these are settings. */
export function isSettings(start: string): boolean {
  return /^#onager[ \t]*(?:\r?\n|\r|$)/.test(start);
}

/** Throws for XML that cannot be a scenario. */
export function checkXml(bytes: Buffer): void {
  const start = firstText(bytes);
  switch (rootOf(start)?.toLowerCase()) {
    case 'jmetertestplan':
      throw otherEngine('JMeter');
    case 'html':
      throw html();
    case 'error':
      throw new OnagerError('USER_DATA_S3_ERROR', 'the user-data is an error message from S3', {
        hint: 'the download of the scenario failed: look at the file before you launch with it',
      });
    default:
  }
}

export function decodeText(bytes: Buffer, where: string): string {
  if (!isUtf8(bytes)) throw notUtf8(where);
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

export function otherEngine(name: string): OnagerError {
  return new OnagerError('USER_DATA_OTHER_ENGINE', `the user-data is a test for ${name}`, {
    hint: 'Onager has no engine for it: give a tsung.xml, or a zip with one',
  });
}

export function html(): OnagerError {
  return new OnagerError('USER_DATA_HTML', 'the user-data is a web page', {
    hint: 'a login or error page was saved instead of the scenario: look at the file',
  });
}

/** Comments and processing instructions taken out; one that does not end takes the rest with it. */
export function withoutComments(text: string): string {
  return text.replace(/<!--.*?(?:-->|$)|<\?.*?(?:\?>|$)/gs, '');
}

/** Name of the first element. */
function rootOf(start: string): string | undefined {
  const prolog = withoutComments(start);
  return /^\s*(?:<!DOCTYPE[^[>]*(?:\[.*?\]\s*)?>\s*)?<([A-Za-z][\w.-]*)/s.exec(prolog)?.[1];
}

function notUtf8(where: string): OnagerError {
  return new OnagerError('USER_DATA_NOT_UTF8', 'the text is not UTF-8', {
    hint: 'save it as UTF-8',
    where,
  });
}
