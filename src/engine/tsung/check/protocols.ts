/**
 * Finds requests of a protocol that their session does not speak at that point: Tsung accepts them,
 * and every user crashes there.
 */

import type { Problem } from '../../../errors.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element, withAllBelow } from '../xml/tree.ts';

/** Elements that a request may have besides the protocol's own. */
const others = ['match', 'dyn_variable'];

/**
 * `types`: the session types that are installed; any other already has a problem. A mistake is
 * reported once per session.
 */
export function protocolProblems(
  root: Element,
  where: Where,
  types: ReadonlySet<string>,
): readonly Problem[] {
  return descendants(root, 'session').flatMap((session) => {
    // As Tsung reads it, a change applies to everything written after it.
    let type = session.attribute('type') ?? '';
    const told = new Set<string>();
    return withAllBelow(session).flatMap((element): readonly Problem[] => {
      if (element.name === 'change_type') type = element.attribute('new_type') ?? type;
      const spoken = element.children.find(({ name }) => !others.includes(name));
      const wanted = elementOf(type);
      if (element.name !== 'request' || spoken === undefined || spoken.name === wanted) return [];
      const mistake = `${spoken.name} ${type}`;
      if (!types.has(type) || told.has(mistake)) return [];
      told.add(mistake);
      const name = session.attribute('name') ?? '';
      return [
        {
          code: 'TSUNG_PROTOCOL',
          message: `<${spoken.name}> is in session "${name}", whose type there is "${type}"`,
          hint: `a session of this type sends <${wanted}>; <change_type new_type="ts_${spoken.name}" …> before the request changes it`,
          where: where(spoken.start),
        },
      ];
    });
  });
}

/** WebDAV is written as HTTP. */
function elementOf(type: string): string {
  return type === 'ts_webdav' ? 'http' : type.replace(/^ts_/, '');
}
