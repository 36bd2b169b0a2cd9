/** What a scenario's author wrote into elements: values of attributes, and text. */

import { type Element, unescapeXml } from '../../xml/tree.ts';

/**
 * `what`: words for it, such as `url of <http>`. `attribute`: its name, of a value of an attribute.
 * `offset`: where it is written.
 */
export type Written = Readonly<{
  what: string;
  attribute?: string;
  value: string;
  offset: number;
}>;

/** Only elements without child elements have text in Tsung's DTD. */
export function writtenIn(element: Element, text: string): readonly Written[] {
  const { name, attributes, children, openEnd } = element;
  const values = attributes.map((attribute) => ({
    what: `${attribute.name} of <${name}>`,
    attribute: attribute.name,
    value: attribute.value,
    offset: attribute.start,
  }));
  if (children.length > 0) return values;
  const value = textOf(element, text);
  return [...values, { what: `the text of <${name}>`, value, offset: openEnd }];
}

/** Without comments, and without its closing tag. */
function textOf({ openEnd, end }: Element, text: string): string {
  const content = text.slice(openEnd, end).replace(/<!--.*?(?:-->|$)/gs, '');
  return unescapeXml(content.replace(/<\/[^<]*$/, ''));
}
