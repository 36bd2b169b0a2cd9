/** Reading the XML that AWS answers with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childOf, parseXml, textOf, type XmlElement } from '../../../src/aws/xml.ts';

describe('parseXml', () => {
  it('gives texts by the path of their names, the first of each', () => {
    const root = parseXml(
      '<?xml version="1.0"?><A xmlns="http://x/"><set><item><id> 1 </id></item><item><id>2</id></item></set><c><![CDATA[<&]]></c></A>',
    );
    expect(root.name).toBe('A');
    expect(textOf(root, 'set', 'item', 'id')).toBe('1');
    expect(childOf(root, 'set')?.children.map((item) => textOf(item, 'id'))).toEqual(['1', '2']);
    expect(textOf(root, 'c')).toBe('<&');
    expect(textOf(root, 'set', 'none', 'id')).toBe('');
  });

  it('gives back every tree that was written', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
    const none = fc.constant<readonly XmlElement[]>([]);
    const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
      tree: fc.record({
        name,
        text: fc.string({ unit: 'grapheme-ascii' }),
        children: fc.oneof({ depthSize: 'small' }, none, fc.array(tie('tree'), { maxLength: 3 })),
      }),
    }));
    fc.assert(
      fc.property(tree, (written) => {
        expect(parseXml(xmlOf(written))).toEqual(written);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['text', 'Service Unavailable'],
    ['a page', '<html><body><p>proxy<br></body></html>'],
    ['half an answer', '<DescribeInstancesResponse><reservationSet>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['two roots', '<a/><b/>'],
    ['ten thousand levels', '<a>'.repeat(10_000)],
    ['bytes', '\u0000\u0001PK\u0003'],
  ])('refuses %s', (_, text) => {
    expect(() => parseXml(text)).toThrow('it is not XML of AWS');
  });

  it('never does anything but read or refuse', () => {
    const parts = fc.constantFrom('<a>', '</a>', '<a b="', '">', '&amp;', '&', '<!--', '-->', 'x');
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string())), (some) => {
        try {
          expect(parseXml(some.join(''))).toHaveProperty('name');
        } catch (error) {
          expect(String(error)).toContain('it is not XML of AWS');
        }
      }),
    );
  });
});

function xmlOf({ name, text, children }: XmlElement): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}${children.map(xmlOf).join('')}</${name}>`;
}
