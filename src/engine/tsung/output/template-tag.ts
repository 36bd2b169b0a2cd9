/**
 * A URL as the scenario has it, with its variables, in the form of a `tag`: a request is
 * named by its tag.
 *
 * A tag is one word (NMTOKEN) by Tsung's DTD. So `/` becomes `:`, `%%` becomes `__`, letters,
 * digits, `.` and `-` stay, and any other byte becomes `_` and two hexadecimal digits.
 */

import { maxNameBytes } from './printable.ts';

const prefix = 'onager.url:';
const tagPattern = /^onager\.url:(?:[A-Za-z0-9.:-]|__|_[0-9a-f]{2})*$/;

/** As much of the path as fits into a name. */
export function templateTag(path: string): string {
  let tag = prefix;
  for (const [part] of path.matchAll(/%%|./gsu)) {
    const written = writtenAs(part);
    if (tag.length + written.length > maxNameBytes) break;
    tag += written;
  }
  return tag;
}

function writtenAs(part: string): string {
  if (part === '%%') return '__';
  if (part === '/') return ':';
  if (/^[A-Za-z0-9.-]$/.test(part)) return part;
  return Buffer.from(part).toString('hex').replace(/../g, '_$&');
}

/** The path in a tag made by `templateTag`; undefined for any other text. */
export function templateOf(tag: string): string | undefined {
  if (!tagPattern.test(tag)) return undefined;
  const bytes = tag
    .slice(prefix.length)
    .replaceAll(':', '/')
    .replace(/__|_(..)/g, (written, digits: string) =>
      written === '__' ? '%%' : String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
