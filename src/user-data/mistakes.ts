/** What people give instead of a scenario, recognised by its first bytes, and what to do then. */

import { type ErrorCode, OnagerError } from '../errors.ts';
import { redactText } from '../redact.ts';
import { topNames } from '../settings/schema.ts';
import { quote } from '../text.ts';
import { firstText, html, otherEngine, withoutComments } from './xml-and-text.ts';
import { isMangled, mangled } from './zip.ts';

/** An error that says what the bytes seem to be; undefined if they resemble nothing known. */
export function mistakeIn(bytes: Buffer): OnagerError | undefined {
  return inBytes(bytes) ?? inText(firstText(bytes));
}

const archives: readonly (readonly [name: string, start: string])[] = [
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', 'Rar!\x1a\x07'],
  ['an xz file', '\xfd7zXZ\0'],
  ['a bzip2 file', 'BZh'],
  ['a Zstandard file', '\x28\xb5\x2f\xfd'],
  ['a part of a split zip', 'PK\x07\x08'],
];

function inBytes(bytes: Buffer): OnagerError | undefined {
  const start = bytes.toString('latin1', 0, 8);
  const isTar = bytes.toString('latin1', 257, 262) === 'ustar';
  const archive = isTar
    ? 'a tar archive'
    : archives.find(([, magic]) => start.startsWith(magic))?.[0];
  if (archive !== undefined) {
    return mistake('USER_DATA_ARCHIVE', `the user-data is ${archive}`, 'pack it as a zip');
  }
  if (/^(?:\xff\xfe|\xfe\xff|[<#]\0|\0[<#])/.test(start)) {
    return mistake(
      'USER_DATA_UTF16',
      'the user-data is UTF-16 text',
      'save it as UTF-8; in PowerShell: Set-Content -Encoding utf8',
    );
  }
  const isGzipAsText = ['\x1f\xef\xbf\xbd', '\x1f\xc2\x8b'].some((magic) =>
    start.startsWith(magic),
  );
  return isGzipAsText && isMangled(bytes) ? mangled() : undefined;
}

/** A script has all of its engine's marks. */
const engines: readonly (readonly [name: string, ...marks: readonly RegExp[]])[] = [
  ['k6', /from\s+['"]k6(?:\/|['"])|require\(['"]k6/],
  ['Locust', /^[ \t]*(?:from|import)[ \t]+locust\b/m],
  ['Gatling', /\bio\.gatling\b/],
  ['Artillery', /^config:/m, /^scenarios:/m],
];

const settingLine = new RegExp(`^(?:${topNames.join('|')})[ \\t]*:(?:\\s|$)`, 'm');

function inText(start: string): OnagerError | undefined {
  const engine = engines.find(([, ...marks]) => marks.every((mark) => mark.test(start)))?.[0];
  if (engine !== undefined) return otherEngine(engine);
  const markup = withoutComments(start).trimStart();
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(markup)) return html();
  if (/^[{[]\s*["{[\]}]/.test(start)) {
    const hint = 'settings are YAML: put `#onager` on the first line, the JSON can follow as it is';
    return mistake('USER_DATA_JSON', 'the user-data is JSON', hint);
  }
  return inLine(start) ?? inYaml(start);
}

/** One line that says where the scenario is. */
function inLine(start: string): OnagerError | undefined {
  const line = start.trimEnd();
  if (/\s/.test(line) || line.length > 2_048) return undefined;
  if (/^(?:s3|https?):\/\//i.test(line)) {
    return mistake(
      'USER_DATA_LOCATION',
      `the user-data is an address: ${quote(redactText(line))}`,
      'write two lines: `#onager`, then `scenario: { from: "…" }` with the address in it',
    );
  }
  if (/^fileb?:\/\//i.test(line) || /^[\w.~@/\\:-]*\.(?:zip|xml|ya?ml|gz)$/i.test(line)) {
    return mistake(
      'USER_DATA_PATH',
      `the user-data is the name of a file: ${quote(line)}`,
      'give its content; in the AWS CLI: --user-data fileb://scenario.zip',
    );
  }
  return undefined;
}

function inYaml(start: string): OnagerError | undefined {
  if (!/^#[ \t]*onager\b/i.test(start) && !settingLine.test(start)) return undefined;
  const hint = 'write `#onager`, exactly so, as the first line';
  return mistake('USER_DATA_NO_ONAGER_LINE', 'the settings do not start with #onager', hint);
}

function mistake(code: ErrorCode, message: string, hint: string): OnagerError {
  return new OnagerError(code, message, { hint });
}
