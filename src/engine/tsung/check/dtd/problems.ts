/** Checks a scenario against Tsung's DTD: whether its elements and attributes are allowed. */

import type { Problem } from '../../../../errors.ts';
import { meantFirst } from '../../../../nearest.ts';
import { type DtdRules, manual } from '../../xml/dtd-rules.ts';
import type { ProblemAt, Where } from '../../xml/source-map.ts';
import { type Element, withAllBelow } from '../../xml/tree.ts';
import { attributeProblems } from './attributes.ts';
import { contentProblem } from './content.ts';

const maxProblems = 50;

/**
 * `types`: the session types that are installed; a session of any other type has a problem of its
 * own already.
 */
type Document = Readonly<{
  root: Element;
  text: string;
  where: Where;
  types: ReadonlySet<string>;
}>;

export function dtdProblems(document: Document, rules: DtdRules): readonly Problem[] {
  const { root, where } = document;
  if (rules.size === 0) return [unchecked];
  const found: Problem[] = [];
  for (const element of withAllBelow(root)) {
    for (const { offset, message, hint } of elementProblems(element, document, rules)) {
      found.push({ code: 'TSUNG_DTD', message, hint, where: where(offset) });
      if (found.length === maxProblems) return found;
    }
  }
  return found;
}

const unchecked: Problem = {
  code: 'TSUNG_DTD_UNCHECKED',
  message: "Tsung's DTD, which every scenario is checked against, is missing",
  hint: 'apt-get install --reinstall tsung',
};

function elementProblems(
  element: Element,
  { text, types }: Document,
  rules: DtdRules,
): readonly ProblemAt[] {
  const { name, start } = element;
  const rule = rules.get(name);
  if (rule === undefined) {
    const seeManual = `see Tsung's manual for the elements: ${manual}`;
    const hint = meantFirst(name, [...rules.keys()], seeManual);
    return [{ offset: start, message: `<${name}> is not an element that Tsung knows`, hint }];
  }
  const content = contentProblem(element, text, rules);
  return [...attributeProblems(element, rule, types), ...(content === undefined ? [] : [content])];
}
