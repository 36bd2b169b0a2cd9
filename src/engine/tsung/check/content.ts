/**
 * Finds elements that are missing, too many, in the wrong place or in the wrong order, and text
 * between them, by Tsung's DTD.
 */

import type { Problem } from '../../../errors.ts';
import type { DtdRules } from '../xml/dtd-rules.ts';
import { markup } from '../xml/markup.ts';
import type { Where } from '../xml/source-map.ts';
import { type Element, withAllBelow } from '../xml/tree.ts';

const maxProblems = 50;

/** Elements that the DTD does not know are xmllint's to tell. */
export function contentProblems(
  { root, text, where }: Readonly<{ root: Element; text: string; where: Where }>,
  rules: DtdRules,
): readonly Problem[] {
  const found: Problem[] = [];
  for (const element of withAllBelow(root)) {
    const model = rules.get(element.name)?.content;
    if (model === undefined || model === 'ANY') continue;
    const fault = faultOf(element, model, text);
    if (fault === undefined) continue;
    if (found.length === maxProblems) break;
    found.push({
      code: 'TSUNG_DTD',
      message: fault.message,
      hint:
        fault.hint ??
        `<${element.name}> contains, in this order: ${model} (? none or one, * any number, + at least one, | one of them)`,
      where: where(fault.offset),
    });
  }
  return found;
}

type Fault = Readonly<{ message: string; offset: number; hint?: string }>;

function faultOf(element: Element, model: string, text: string): Fault | undefined {
  const { name, children } = element;
  const stray = model.includes('#PCDATA') ? undefined : strayText(element, text);
  if (stray !== undefined) return stray;
  const names = children.map((child) => child.name);
  if (expression(model).test(names.map((one) => `${one} `).join(''))) return undefined;
  const slots = slotsOf(model);
  const foreign = children.find((child) => !slots.some(({ names }) => names.has(child.name)));
  if (foreign !== undefined) {
    const message = `<${foreign.name}> may not stand in <${name}>`;
    const hint = `<${name}> has attributes only, and ends with "/>"`;
    return { message, offset: foreign.start, ...(model === 'EMPTY' ? { hint } : {}) };
  }
  const missing = slots
    .filter(({ isNeeded, names: its }) => isNeeded && !names.some((one) => its.has(one)))
    .map(({ names: its }) => [...its])
    .map(([only = '', ...others]) =>
      others.length === 0 ? `no ${only}` : `none of ${[only, ...others].join(', ')}`,
    );
  if (missing.length > 0) {
    return { message: `<${name}> has ${missing.join(' and ')}`, offset: element.start };
  }
  return (
    orderFault(element, slots) ?? {
      message: `<${name}> may not contain (${names.join(' ')})`,
      offset: element.start,
    }
  );
}

function orderFault({ name, children }: Element, slots: readonly Slot[]): Fault | undefined {
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
        ? `<${child.name}> comes after <${other}> in <${name}>, and belongs before it`
        : more;
    return { message, offset: child.start };
  }
  return undefined;
}

/** Text or CDATA directly in the element, where it is more than blanks. */
function strayText(element: Element, text: string): Fault | undefined {
  let from = element.openEnd;
  for (const next of [...element.children, undefined]) {
    const between = text.slice(from, next?.start ?? element.end);
    for (const { kind, start, end } of markup(between)) {
      const part = between.slice(start, end);
      if ((kind !== 'text' && kind !== 'cdata') || part.trim() === '') continue;
      const offset = from + start + (part.length - part.trimStart().length);
      const shown = part.replace('<![CDATA[', '').trim().split(/\s/)[0]?.slice(0, 40) ?? '';
      return {
        message: `the text "${shown}" may not stand in <${element.name}>`,
        hint: 'take it out, or make it a comment: <!-- … -->',
        offset,
      };
    }
    from = next?.end ?? from;
  }
  return undefined;
}

/** The model as an expression of names with a blank behind each. */
function expression(model: string): RegExp {
  const names = model.match(/(?<!#)\b[A-Za-z_][\w.-]*/g) ?? [];
  if (model === 'EMPTY' || names.length === 0) return /^$/;
  // Between text its elements stand in any order.
  if (model.includes('#PCDATA')) return new RegExp(`^(?:(?:${names.join('|')}) )*$`);
  const groups = model.replace(/\s+/g, '').replaceAll('(', '(?:');
  return new RegExp(`^${groups.replace(/[A-Za-z_][\w.-]*/g, '(?:$& )').replaceAll(',', '')}$`);
}

type Slot = Readonly<{ names: ReadonlySet<string>; isNeeded: boolean; isRepeatable: boolean }>;

/** The parts of a model that follow each other. */
function slotsOf(model: string): readonly Slot[] {
  const inner = /^\((.*)\)([?*+]?)$/s.exec(model.trim());
  if (inner === null) return [];
  const [, body = '', outer = ''] = inner;
  const parts: string[] = [''];
  let depth = 0;
  for (const character of body) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts.map((part) => {
    const own = outer + (/[?*+]$/.exec(part.trim())?.[0] ?? '');
    return {
      names: new Set(part.match(/(?<!#)\b[A-Za-z_][\w.-]*/g)),
      isNeeded: !/[?*]/.test(own) && !/[?*]/.test(part.replace(/[?*+]\s*$/, '')),
      isRepeatable: /[*+]/.test(own),
    };
  });
}
