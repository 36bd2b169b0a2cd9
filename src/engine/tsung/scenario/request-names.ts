/**
 * Has the rows of a request whose URL holds a variable named by the URL as it is written: one name,
 * not one for each value.
 */

import { quote } from '../../../text.ts';
import type { Change, Machine } from '../../engine.ts';
import { templateTag } from '../output/template-tag.ts';
import { type Edit, setAttribute } from '../xml/edits.ts';
import { descendants, type Element } from '../xml/tree.ts';
import type { Prepared } from './prepare.ts';

type RequestNames = Readonly<{ edits: readonly Edit[]; changes: readonly Change[] }>;

export function requestNames(
  { root, where }: Prepared,
  { names, samples }: Pick<Machine, 'names' | 'samples'>,
): RequestNames {
  // Without samples, requests have no names.
  if (names === 'url' || samples === false) {
    return { edits: [], changes: [] };
  }
  const isProxied = descendants(root, 'option').some(
    (option) => option.attribute('name') === 'http_use_server_as_proxy',
  );
  const named = descendants(root, 'request').flatMap((request) => {
    const http = request.children.find(({ name }) => name === 'http');
    if (http === undefined || hasTag(request) || !isSubstituted(request)) return [];
    const path = pathInRow(http.attribute('url') ?? '', isProxied);
    if (path.split('%%').length < 3) return [];
    return [{ request, path, name: `${http.attribute('method') ?? 'GET'} ${path}` }];
  });
  const [first] = named;
  if (first === undefined) return { edits: [], changes: [] };
  const how = `named by the URL as it is written, ${named.length === 1 ? '' : 'such as '}${quote(first.name)}`;
  return {
    edits: named.map(({ request, path }) => setAttribute(request, 'tag', templateTag(path))),
    changes: [
      {
        what:
          named.length === 1
            ? `a request whose URL holds a variable is ${how}`
            : `${named.length} requests whose URL holds a variable are ${how}`,
        why: 'one row for all values; `names: url` in the settings gives a row for each',
        where: where(first.request.start),
      },
    ],
  };
}

/** `undefined` is what Tsung's DTD gives a request without a tag. */
function hasTag(request: Element): boolean {
  return (request.attribute('tag') ?? 'undefined') !== 'undefined';
}

function isSubstituted(request: Element): boolean {
  return ['true', 'all_except_body'].includes(request.attribute('subst') ?? 'false');
}

/** What of a URL is the name of its row: Tsung writes the host only where it asks a proxy. */
function pathInRow(url: string, isProxied: boolean): string {
  const rest = isProxied ? url : url.replace(/^https?:\/\/[^/]*/, '');
  return /^[^?#]*/.exec(rest)?.[0] ?? '';
}
