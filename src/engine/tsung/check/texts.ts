/**
 * Finds text with characters that Tsung cannot send: it keeps text as a list of bytes, so a
 * character beyond Latin-1 ends it, or makes every request fail.
 */

import type { Problem } from '../../../errors.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element, unescapeXml, withAllBelow } from '../xml/tree.ts';

export function textProblems(root: Element, text: string, where: Where): readonly Problem[] {
  const sent = new Set(descendants(root, 'request', 'user_agent').flatMap(withAllBelow));
  const named = descendants(root, 'transaction', 'interaction', 'foreach');
  return [
    ...[...sent, ...named].flatMap((element) => attributeProblems(element, where)),
    ...[...sent].flatMap((element) => contentProblems(element, text, where)),
  ];
}

function attributeProblems({ name, attributes }: Element, where: Where): readonly Problem[] {
  // A path goes to the file system, not to the target.
  return attributes
    .filter((attribute) => attribute.name !== 'contents_from_file')
    .flatMap((attribute) =>
      characterProblems(`${attribute.name} of <${name}>`, attribute.value, () =>
        where(attribute.start),
      ),
    );
}

/** In Tsung's DTD, only elements without child elements have text. */
function contentProblems(element: Element, text: string, where: Where): readonly Problem[] {
  if (element.children.length > 0) return [];
  const content = text.slice(element.openEnd, element.end).replace(/<!--.*?(?:-->|$)/gs, '');
  return characterProblems(`the text of <${element.name}>`, unescapeXml(content), () =>
    where(element.openEnd),
  );
}

function characterProblems(what: string, value: string, where: () => string): readonly Problem[] {
  const character = /[\u{100}-\u{10ffff}]/u.exec(value)?.[0];
  if (character === undefined) return [];
  return [
    {
      code: 'TSUNG_TEXT',
      message: `${what} has the character "${character}"`,
      hint: 'tsung can send characters up to "ÿ" only: percent-encode it in a URL (encodeURIComponent), and send a body from a file (contents_from_file)',
      where: where(),
    },
  ];
}
