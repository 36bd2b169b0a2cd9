/** Warns of variables that are sent as they are written, because nothing asks Tsung for more. */

import type { Problem } from '../../../../errors.ts';
import { quote } from '../../../../text.ts';
import type { Prepared } from '../../scenario/prepare.ts';
import { descendants, type Element } from '../../xml/tree.ts';
import { type Written, writtenIn } from './written.ts';

/** `%%_token%%` is a variable, `%%module:function%%` a call. */
const reference = /%%(?:_[^%\s]+|\w+:\w+)%%/;

/** Of each request at most one, and one of each of its `<match>`. */
export function unsubstituted({
  root,
  text,
  where,
}: Pick<Prepared, 'root' | 'text' | 'where'>): readonly Problem[] {
  const requests = descendants(root, 'request').filter(isLiteral);
  const matches = descendants(root, 'match').filter(isLiteral);
  return [
    ...requests.map((request) => ({
      element: request,
      written: sentParts(request).flatMap((part) => writtenIn(part, text)),
    })),
    ...matches.map((match) => ({ element: match, written: writtenIn(match, text) })),
  ].flatMap(({ element, written }) => {
    const found = firstReference(written);
    if (found === undefined) return [];
    const { what, offset, variable } = found;
    return [
      {
        code: 'TSUNG_SUBST',
        message: `${quote(variable)} in ${what} stays as it is written`,
        hint: `write <${element.name} subst="true"> to have the value in its place`,
        where: where(offset),
      },
    ];
  });
}

/** As long as nobody asks for substitution, Tsung does none. */
function isLiteral(element: Element): boolean {
  return (element.attribute('subst') ?? 'false') === 'false';
}

/** A request and all below it, but for what reads its answer. */
function sentParts(element: Element): readonly Element[] {
  const parts = element.children.filter(({ name }) => name !== 'match' && name !== 'dyn_variable');
  return [element, ...parts.flatMap(sentParts)];
}

function firstReference(
  written: readonly Written[],
): (Written & Readonly<{ variable: string }>) | undefined {
  for (const one of written) {
    const variable = reference.exec(one.value)?.[0];
    if (variable !== undefined) return { ...one, variable };
  }
  return undefined;
}
