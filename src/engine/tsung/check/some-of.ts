/** Lists names within a sentence, which stays short however many there are. */

import { formatInteger } from '../../../text.ts';

const maxShown = 20;

export function someOf(names: readonly string[], between = ', '): string {
  const shown = names.slice(0, maxShown);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${formatInteger(more)} more`] : [])].join(between);
}
