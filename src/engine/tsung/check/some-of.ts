/** Names in a sentence, which stays one however many there are. */

import { grouped } from '../../../grouped.ts';

const maxShown = 20;

export function someOf(names: readonly string[], between = ', '): string {
  const shown = names.slice(0, maxShown);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${grouped(more)} more`] : [])].join(between);
}
