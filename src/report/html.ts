/** report.html: the page with its data inside, as one file. */

import { gzipSync } from 'node:zlib';
import { OnagerError } from '../errors.ts';
import type { RunState } from '../run/state.ts';
import type { LogTail, ReportFile } from './log-tails.ts';
import type { Summary } from './summary.ts';

const opening = '<script type="application/json" id="onager-data">';
const placeholder = `${opening}{"live":true}</script>`;

/** JSON that is longer than this is compressed; the page decompresses it. */
const longestPlain = 256 * 1024;

/** `files`: the other files of the run. `logs`: the last lines of its logs. */
type ReportData = Readonly<{
  run: RunState;
  summary: Summary;
  files?: readonly Pick<ReportFile, 'key' | 'bytes' | 'source'>[];
  logs?: readonly LogTail[];
}>;

/** `template` is the built page; it holds the placeholder once. Throws `PAGE_INVALID`. */
export function reportHtml(template: string, data: ReportData): string {
  const [before, after, ...more] = template.split(placeholder);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new OnagerError('PAGE_INVALID', 'the page has no single place for the data of a report', {
      hint: 'build it again with `npm run build:page`',
    });
  }
  return `${before}${opening}${embedded(data)}</script>${after}`;
}

function embedded(data: unknown): string {
  const plain = scriptSafe(data);
  if (plain.length <= longestPlain) return plain;
  return JSON.stringify({ gzip: gzipSync(plain, { level: 9 }).toString('base64') });
}

/**
 * JSON without characters that could end the script for an HTML parser, or a line for a JavaScript
 * parser.
 */
function scriptSafe(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u{2028}\u{2029}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
