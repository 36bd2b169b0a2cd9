/** Finds sessions of a type that is not installed. */

import type { Problem } from '../../../errors.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element } from '../xml/tree.ts';

/** The attribute that holds a session's type, by element. */
export const typeAttributes: Readonly<Record<string, string>> = {
  session: 'type',
  change_type: 'new_type',
};

export function typeProblems(
  root: Element,
  where: Where,
  types: ReadonlySet<string>,
): readonly Problem[] {
  return descendants(root, ...Object.keys(typeAttributes)).flatMap((element) => {
    const type = element.attribute(typeAttributes[element.name] ?? '');
    if (type === undefined || types.has(type)) return [];
    return [
      {
        code: 'TSUNG_SESSION_TYPE' as const,
        message: `session type "${type}" is not installed`,
        hint: `this Tsung has: ${[...types].join(', ')}`,
        where: where(element.start),
      },
    ];
  });
}
