/** Puts data into the page the way a report is made. */

import type { PageData } from './page-fixture.ts';

const placeholder = '{"live":true}';

export function reportHtml(page: string, data: PageData): string {
  const open = '<script type="application/json" id="onager-data">';
  const at = page.indexOf(open + placeholder);
  if (at < 0) throw new Error('the page has no place for data');
  const from = at + open.length;
  return page.slice(0, from) + escaped(data) + page.slice(from + placeholder.length);
}

function escaped(data: PageData): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
