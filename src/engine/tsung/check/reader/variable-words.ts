/** Explains why Tsung's own reader rejects a `<dyn_variable>` or a regular expression. */

import type { Element } from '../../xml/tree.ts';
import { type Refusal, type RefusalWords, shownElement } from './refusal.ts';

const ways = ['re', 'pgsql_expr', 'xpath', 'header', 'jsonpath'];

export function variableWords(element: Element, { reason }: Refusal): RefusalWords | undefined {
  const used = ways.filter((way) => element.attribute(way) !== undefined);
  const name = element.attribute('name') ?? '';
  if (used.length > 1) {
    return {
      message: `dyn_variable "${name}" is looked for in ${used.length} ways at once: ${used.join(', ')}`,
      hint: 'keep one of them; a second variable can take the other',
    };
  }
  const regexp = regexpProblem(element, ['re'], reason);
  if (regexp !== undefined) return regexp;
  const xpath = element.attribute('xpath');
  if (/['\\]/.test(name)) {
    return {
      message: `tsung cannot read the name "${name}" of a dyn_variable`,
      hint: 'use letters, digits and "_" only',
    };
  }
  if (xpath === undefined) return undefined;
  return {
    message: `the XPath expression "${xpath}" of dyn_variable "${name}" cannot be read`,
    hint: "Tsung's XPath knows steps, [predicates] and simple functions only, such as //input[@name='token']/@value",
  };
}

export function regexpProblem(
  element: Element,
  names: readonly string[],
  reason: string,
): RefusalWords | undefined {
  const [, what, at] = /^\{badmatch,\{error,\{"(.*)",(\d+)\}\}\}$/.exec(reason) ?? [];
  if (what === undefined || at === undefined) return undefined;
  // An empty "include" does not count; a variable without "re" is searched for by its name.
  const text = names.map((name) => element.attribute(name)).find((value) => value);
  return regexpWords(text ?? element.attribute('name') ?? '', shownElement(element), what, at);
}

/** The problem for an Erlang regular expression. */
export function regexpWords(text: string, what: string, problem: string, at: string): RefusalWords {
  return {
    message: `the regular expression "${text}" of ${what} cannot be read: ${problem}, at character ${at}`,
    hint: 'it is a Perl regular expression: write "\\" before a literal character such as "(" or "["',
  };
}
