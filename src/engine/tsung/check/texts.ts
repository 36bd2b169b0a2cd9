/**
 * Finds text with characters that Tsung cannot send: it keeps text as a list of bytes, so a
 * character beyond Latin-1 ends it, or makes every request fail.
 */

import type { Problem } from '../../../errors.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element, withAllBelow } from '../xml/tree.ts';
import { type Written, writtenIn } from './variables/written.ts';

export function textProblems(root: Element, text: string, where: Where): readonly Problem[] {
  const sent = new Set(descendants(root, 'request', 'user_agent').flatMap(withAllBelow));
  const named = descendants(root, 'transaction', 'interaction', 'foreach');
  return [...sent, ...named]
    .flatMap((element) => writtenIn(element, text))
    .flatMap((written) => characterProblems(written, where));
}

function characterProblems(
  { attribute, offset, value, what }: Written,
  where: Where,
): readonly Problem[] {
  // A path is given to the file system, not to the target.
  if (attribute === 'contents_from_file') return [];
  const character = /[\u{100}-\u{10ffff}]/u.exec(value)?.[0];
  if (character === undefined) return [];
  return [
    {
      code: 'TSUNG_TEXT',
      message: `${what} has the character "${character}"`,
      hint: 'tsung can send characters up to "ÿ" only: percent-encode it in a URL (encodeURIComponent), and send a body from a file (contents_from_file)',
      where: where(offset),
    },
  ];
}
