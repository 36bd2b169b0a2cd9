/**
 * Finds unknown and missing attributes of an element, and values that are not allowed.
 */

import { meantFirst } from '../../../../nearest.ts';
import { type ElementRule, manual } from '../../xml/dtd-rules.ts';
import type { ProblemAt } from '../../xml/source-map.ts';
import type { Element } from '../../xml/tree.ts';
import { typeAttributes } from '../session-types.ts';

/** A word in the sense of XML, `NMTOKEN`, and any character beyond ASCII. */
const word = /^[\w.:\-\u{b7}-\u{10ffff}]+$/u;

/** `types`: the session types that are installed; any other one is not judged here. */
export function attributeProblems(
  { name: element, start, attributes }: Element,
  { attributes: rules }: ElementRule,
  types: ReadonlySet<string>,
): readonly ProblemAt[] {
  const missing = [...rules]
    .filter(([name, { isRequired }]) => isRequired && !attributes.some((one) => one.name === name))
    .map(([name]) => ({
      offset: start,
      message: `<${element}> needs the attribute "${name}"`,
      hint: manualHint(element),
    }));
  const wrong = attributes.flatMap(({ name, nameStart: offset, value }): readonly ProblemAt[] => {
    const rule = rules.get(name);
    if (rule === undefined) {
      const message = `<${element}> has no attribute "${name}"`;
      return [{ offset, message, hint: meantFirst(name, [...rules.keys()], manualHint(element)) }];
    }
    const { choices, isToken } = rule;
    const is = `attribute "${name}" of <${element}> is "${value}", which`;
    if (typeAttributes[element] === name && !types.has(value)) return [];
    if (choices !== undefined && !choices.includes(value.trim())) {
      const hint = `write one of these: ${choices.join(', ')}`;
      return [{ offset, message: `${is} is not one of its values`, hint }];
    }
    if (!isToken || word.test(value.trim())) return [];
    const hint = 'write one word of letters, digits, ".", ":", "-" and "_"';
    return [{ offset, message: `${is} is not a single word`, hint }];
  });
  return [...missing, ...wrong];
}

function manualHint(element: string): string {
  return `see Tsung's manual for the attributes of <${element}>: ${manual}`;
}
