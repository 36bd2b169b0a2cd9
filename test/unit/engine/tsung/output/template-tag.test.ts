/** URLs of every kind as tags, and back. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxNameBytes } from '../../../../../src/engine/tsung/output/printable.ts';
import { templateOf, templateTag } from '../../../../../src/engine/tsung/output/template-tag.ts';

/** What an XML parser accepts as NMTOKEN, in ASCII. */
const word = /^[A-Za-z0-9._:-]+$/;

describe('a URL as a tag', () => {
  it.each([
    '/api/items/%%_token%%',
    '%%_url%%',
    '/a;b,c d\te\nf\r"g\'<h>&i',
    '/%%%_a%%%/%41%%ts_user_server:get_unique_id%%',
    '/_a__b_%%__c__%%_2f',
    '/käse/%%_ü%%/日本/👩‍👩',
    'onager.url::a',
    '',
  ])('is one word and comes back as it was: %j', (path) => {
    const tag = templateTag(path);
    expect(tag).toMatch(word);
    expect(templateOf(tag)).toBe(path);
  });

  it('is written as the documents say, for whoever reads the rows themselves', () => {
    expect(templateTag('/api/items/%%_token%%')).toBe('onager.url::api:items:___5ftoken__');
  });

  it('ends before the character that does not fit into a name', () => {
    const tag = templateTag('/é'.repeat(300));
    expect([tag.length, templateOf(tag)]).toEqual([256, '/é'.repeat(35)]);
    expect(templateTag('x'.repeat(1_000))).toHaveLength(maxNameBytes);
  });

  it('is one word that fits into a name, and comes back from its beginning, whatever it is', () => {
    const path = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: fc.constantFrom('%', '%%', '_', ':', 'a', '/'), maxLength: 400 }),
    );
    fc.assert(
      fc.property(path, (path) => {
        const tag = templateTag(path);
        expect(tag).toMatch(word);
        expect(tag.length).toBeLessThanOrEqual(maxNameBytes);
        const back = templateOf(tag) ?? 'not read';
        expect(path.startsWith(back)).toBe(true);
        if (tag.length < maxNameBytes - 12) expect(back).toBe(path);
      }),
    );
  });

  it('is told from a tag of the scenario', () => {
    expect(['pay', 'onager.url:_', 'onager.url:_2G', 'onager.url:a b'].map(templateOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
