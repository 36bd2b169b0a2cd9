/**
 * Has the rows of a request whose URL holds a variable named by the URL as it is written: one name,
 * not one for each value. The same where it holds the value of a secret `${NAME}`.
 */

import { redactValues } from '../../../redact.ts';
import { quote } from '../../../text.ts';
import type { Change, Machine } from '../../engine.ts';
import { templateTag } from '../output/template-tag.ts';
import { type Edit, setAttribute } from '../xml/edits.ts';
import { descendants, type Element } from '../xml/tree.ts';
import type { Prepared } from './prepare.ts';

type RequestNames = Readonly<{ edits: readonly Edit[]; changes: readonly Change[] }>;
type Named = Readonly<{ request: Element; path: string; method: string; isSecret: boolean }>;

export function requestNames(
  { root, where, scenario }: Prepared,
  { names, samples }: Pick<Machine, 'names' | 'samples'>,
): RequestNames {
  // Without samples, requests have no names.
  if (samples === false) return { edits: [], changes: [] };
  const isProxied = descendants(root, 'option').some(
    (option) => option.attribute('name') === 'http_use_server_as_proxy',
  );
  const named = descendants(root, 'request').flatMap((request): readonly Named[] => {
    const http = request.children.find(({ name }) => name === 'http');
    if (http === undefined || hasTag(request)) return [];
    const written = pathInRow(http.attribute('url') ?? '', isProxied);
    const path = redactValues(written, scenario.vars);
    const isSecret = path !== written;
    const varies = names !== 'url' && isSubstituted(request) && path.split('%%').length >= 3;
    if (!isSecret && !varies) return [];
    return [{ request, path, method: http.attribute('method') ?? 'GET', isSecret }];
  });
  return {
    edits: named.map(({ request, path }) => setAttribute(request, 'tag', templateTag(path))),
    changes: [
      ...change(
        named.filter(({ isSecret }) => !isSecret),
        'a variable',
        'one row for all values; `names: url` in the settings gives a row for each',
        where,
      ),
      ...change(
        named.filter(({ isSecret }) => isSecret),
        'a secret',
        'names of requests are shown and published',
        where,
      ),
    ],
  };
}

function change(
  named: readonly Named[],
  held: string,
  why: string,
  where: Prepared['where'],
): readonly Change[] {
  const [first] = named;
  if (first === undefined) return [];
  const name = quote(`${first.method} ${first.path}`);
  const what =
    named.length === 1
      ? `a request whose URL holds ${held} is named by the URL as it is written, ${name}`
      : `${named.length} requests whose URL holds ${held} are named by the URL as it is written, such as ${name}`;
  return [{ what, why, where: where(first.request.start) }];
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
