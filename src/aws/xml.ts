/** Reads the XML that AWS answers with. */

import { SaxesParser } from 'saxes';

/** `text`: of the element itself, without that of its children. Attributes are left out. */
export type XmlElement = Readonly<{
  name: string;
  text: string;
  children: readonly XmlElement[];
}>;

type Open = { name: string; text: string; children: Open[] };

/** AWS nests some ten elements. */
const maxDepth = 50;

/** @throws Error it is not well-formed, has a DOCTYPE, or nests deeper than AWS ever does */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const top: Open = { name: '', text: '', children: [] };
  const open: Open[] = [top];
  const fail = (why: string): never => {
    throw new Error(`it is not XML of AWS: ${why}`);
  };
  parser.on('error', ({ message }) => fail(message));
  parser.on('doctype', () => fail('it has a DOCTYPE'));
  parser.on('opentag', ({ name }) => {
    const element = { name, text: '', children: [] };
    open.at(-1)?.children.push(element);
    if (open.push(element) > maxDepth) fail('elements are nested too deep');
  });
  parser.on('closetag', () => void open.pop());
  const add = (more: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += more;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text).close();
  return top.children[0] ?? fail('it is empty');
}

/** The element at the end of a path of names, the first of each; undefined where there is none. */
export function childOf(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

/** The trimmed text at the end of a path; empty where there is none. */
export function textOf(element: XmlElement, ...path: readonly string[]): string {
  return childOf(element, ...path)?.text.trim() ?? '';
}
