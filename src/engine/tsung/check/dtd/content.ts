/**
 * Finds elements that are missing, too many, in the wrong place or in the wrong order, and text
 * between elements.
 */

import type { DtdRules } from '../../xml/dtd-rules.ts';
import { markup } from '../../xml/markup.ts';
import type { ProblemAt } from '../../xml/source-map.ts';
import { type Element, unescapeXml } from '../../xml/tree.ts';
import { follows, type Slot, slotsOf } from './content-model.ts';

/** The blanks of XML, which are fewer than those of a regular expression. */
const blank = /[ \t\r\n]/;
const notBlank = /[^ \t\r\n]/;

type ContentProblem = Omit<ProblemAt, 'hint'> & Readonly<{ hint?: string }>;

/**
 * The first problem of an element's content. Elements unknown to the DTD are reported elsewhere.
 */
export function contentProblem(
  element: Element,
  text: string,
  rules: DtdRules,
): ProblemAt | undefined {
  const model = rules.get(element.name)?.content;
  if (model === undefined || model === 'ANY') return undefined;
  const isKnown = element.children.every(({ name }) => rules.has(name));
  const problem =
    (model.includes('#PCDATA') ? undefined : strayText(element, text)) ??
    (isKnown ? childProblem(element, model) : undefined);
  const hint = `<${element.name}> contains, in this order: ${model} (? none or one, * any number, + at least one, | one of them)`;
  return problem && { hint, ...problem };
}

function childProblem(element: Element, model: string): ContentProblem | undefined {
  const { name, children, start } = element;
  const names = children.map((child) => child.name);
  if (follows(model, names)) return undefined;
  const slots = slotsOf(model);
  const foreign = children.find((child) => !slots.some(({ names }) => names.has(child.name)));
  if (foreign !== undefined) {
    const message = `<${foreign.name}> is not allowed in <${name}>`;
    const hint = `<${name}> has attributes only, and ends with "/>"`;
    return { message, offset: foreign.start, ...(model === 'EMPTY' ? { hint } : {}) };
  }
  const missing = slots
    .filter(({ isNeeded, names: its }) => isNeeded && !names.some((one) => its.has(one)))
    .map(({ names: its }) => [...its])
    .map(([only = '', ...others]) =>
      others.length === 0 ? `no ${only}` : `none of ${[only, ...others].join(', ')}`,
    );
  if (missing.length > 0)
    return { message: `<${name}> has ${missing.join(' and ')}`, offset: start };
  return (
    orderProblem(element, slots) ?? {
      message: `<${name}> may not contain (${names.join(' ')})`,
      offset: start,
    }
  );
}

function orderProblem(
  { name, children }: Element,
  slots: readonly Slot[],
): ContentProblem | undefined {
  const at = (child: Element): number => slots.findIndex(({ names }) => names.has(child.name));
  for (const [index, child] of children.entries()) {
    const last = children[index - 1];
    const step = last === undefined ? 1 : at(child) - at(last);
    if (last === undefined || step > 0 || (step === 0 && slots[at(child)]?.isRepeatable)) continue;
    const { name: other } = last;
    const more =
      other === child.name
        ? `<${name}> has more than one ${other}`
        : `<${name}> may have only one of <${other}> and <${child.name}>`;
    const message =
      step < 0
        ? `<${child.name}> comes after <${other}> in <${name}>, but belongs before it`
        : more;
    return { message, offset: child.start };
  }
  return undefined;
}

/** Text or CDATA directly in the element, where it is more than blanks. */
function strayText(element: Element, text: string): ContentProblem | undefined {
  let from = element.openEnd;
  for (const next of [...element.children, undefined]) {
    const between = text.slice(from, next?.start ?? element.end);
    for (const { kind, start, end } of markup(between)) {
      if (kind !== 'text' && kind !== 'cdata') continue;
      const part = between.slice(start, end);
      if (!notBlank.test(unescapeXml(part))) continue;
      const first = part.search(notBlank);
      const [word = ''] = part.slice(first).replace('<![CDATA[', '').split(blank);
      return {
        message: `text "${word.slice(0, 40)}" is not allowed in <${element.name}>`,
        hint: 'take it out, or make it a comment: <!-- … -->',
        offset: from + start + first,
      };
    }
    from = next?.end ?? from;
  }
  return undefined;
}
