/** Parses well-formed XML into elements and attributes that know their places in the text. */

import { markup } from './markup.ts';

/** `start` and `end` are the value's place without its quotes. */
export type Attribute = Readonly<{
  name: string;
  value: string;
  nameStart: number;
  start: number;
  end: number;
}>;

/** `start`: of the opening tag; `openEnd`: after it; `end`: after the closing tag. */
export type Element = Readonly<{
  name: string;
  start: number;
  openEnd: number;
  end: number;
  attributes: readonly Attribute[];
  children: readonly Element[];
  attribute(name: string): string | undefined;
}>;

const attributePattern = /(?<![^\s=/<>"'])([^\s=/<>"']+)\s*=\s*("[^"]*"|'[^']*')/g;
const nothing: Omit<Element, 'attribute'> = {
  name: '',
  start: 0,
  openEnd: 0,
  end: 0,
  attributes: [],
  children: [],
};

/** The root element; an element without a name if there is none. */
export function parseTree(text: string): Element {
  type Open = { name: string; start: number; openEnd: number; children: Element[] };
  const top: Open = { name: '', start: 0, openEnd: 0, children: [] };
  const open: Open[] = [];

  function close(closed: Open, end: number): void {
    const attributes = parseAttributes(text, closed.start, closed.openEnd);
    const element = toElement({ ...closed, end, attributes });
    (open.at(-1) ?? top).children.push(element);
  }

  for (const { kind, start, end } of markup(text)) {
    if (kind !== 'tag') continue;
    if (text[start + 1] === '/') {
      const closed = open.pop();
      if (closed !== undefined) close(closed, end);
      continue;
    }
    const name = nameOfTag(text, start, end);
    const opened: Open = { name, start, openEnd: end, children: [] };
    if (text[end - 2] === '/') close(opened, end);
    else open.push(opened);
  }
  return top.children[0] ?? toElement(nothing);
}

/** The element and all below it that have one of these names, in the document's order. */
export function descendants(element: Element, ...names: readonly string[]): readonly Element[] {
  return withAllBelow(element).filter(({ name }) => names.includes(name));
}

/** `start`: of the tag's `<`, or of its `/`. */
export function nameOfTag(text: string, start: number, end: number): string {
  return /^[^\s/>]+/.exec(text.slice(start + 1, end))?.[0] ?? '';
}

/** The element and all below it, in the document's order. */
export function withAllBelow(element: Element): readonly [Element, ...Element[]] {
  return [element, ...element.children.flatMap(withAllBelow)];
}

function toElement(parts: Omit<Element, 'attribute'>): Element {
  const { attributes } = parts;
  return {
    ...parts,
    attribute: (name) => attributes.find((attribute) => attribute.name === name)?.value,
  };
}

function parseAttributes(text: string, start: number, end: number): readonly Attribute[] {
  return [...text.slice(start, end).matchAll(attributePattern)].map((match) => {
    const [whole, name = '', quoted = '""'] = match;
    const nameStart = start + match.index;
    const end = nameStart + whole.length - 1;
    const raw = quoted.slice(1, -1);
    return { name, value: unescapeXml(raw), nameStart, start: end - raw.length, end };
  });
}

const predefined: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  apos: "'",
  quot: '"',
};

export function unescapeXml(raw: string): string {
  return raw.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return predefined[name] ?? whole;
    const code =
      name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}

/** For an attribute in double quotes as well as for text. */
export function escapeXml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
