/**
 * What is known about an element that Tsung's own reader rejects, and how it is explained.
 */

import type { Element } from '../../xml/tree.ts';

/**
 * `element`: the one that was being read; absent if all had been. `reason`: Erlang's. `read`: the
 * expected type and the value, if that could not be read.
 */
export type Refusal = Readonly<{
  element?: Element;
  reason: string;
  read?: Readonly<{ type: string; value: string }>;
}>;

/** `element`: the one that is wrong, if it is not the one that was being read. */
export type RefusalWords = Readonly<{ message: string; hint: string; element?: Element }>;

/** The element with what distinguishes it from others. */
export function shownElement(element: Element, without?: string): string {
  const shown = ['name', 'var', 'id', 'session', 'in'].find(
    (name) => name !== without && element.attribute(name) !== undefined,
  );
  return shown === undefined
    ? `<${element.name}>`
    : `<${element.name} ${shown}="${element.attribute(shown)}">`;
}
