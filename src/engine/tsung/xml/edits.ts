/** Edits a text at known places; the rest stays as its author wrote it, line by line. */

import { lastUpTo } from '../../../files/lines.ts';
import type { Attribute, Element } from './tree.ts';
import { escapeXml } from './tree.ts';

export type Edit = Readonly<{ start: number; end: number; text: string }>;

/**
 * Edits must not overlap. A removed text leaves its line ends behind, so that line numbers stay
 * true.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of inOrder(edits)) {
    result += text.slice(at, edit.start) + written(text, edit);
    at = edit.end;
  }
  return result + text.slice(at);
}

/** For an offset of `applyEdits(text, edits)`, returns the offset in `text` that it comes from. */
export function offsetsBefore(text: string, edits: readonly Edit[]): (offset: number) => number {
  let grown = 0;
  const placed = inOrder(edits).map((edit) => {
    const start = edit.start + grown;
    const end = start + written(text, edit).length;
    grown = end - edit.end;
    return { start, end, edit };
  });
  const starts = placed.map(({ start }) => start);
  return (offset) => {
    const last = placed[lastUpTo(starts, offset)];
    if (last === undefined || offset < last.start) return offset;
    return offset < last.end ? last.edit.start : offset - last.end + last.edit.end;
  };
}

function inOrder(edits: readonly Edit[]): readonly Edit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function written(text: string, edit: Edit): string {
  const lost = lines(text.slice(edit.start, edit.end)) - lines(edit.text);
  return edit.text + '\n'.repeat(Math.max(lost, 0));
}

/** Sets an element's attribute, whether the element already has it or not. */
export function setAttribute(element: Element, name: string, value: string): Edit {
  const attribute = find(element, name);
  if (attribute !== undefined) {
    return { start: attribute.start, end: attribute.end, text: escapeXml(value) };
  }
  const at = element.start + 1 + element.name.length;
  return { start: at, end: at, text: ` ${name}="${escapeXml(value)}"` };
}

/** Removes the attribute; no edit if the element does not have it. */
export function removeAttribute(element: Element, name: string): readonly Edit[] {
  const attribute = find(element, name);
  if (attribute === undefined) return [];
  const quotedEnd = attribute.end + 1;
  return [{ start: attribute.nameStart, end: quotedEnd, text: '' }];
}

function find(element: Element, name: string): Attribute | undefined {
  return element.attributes.find((attribute) => attribute.name === name);
}

function lines(text: string): number {
  return text.split('\n').length - 1;
}
