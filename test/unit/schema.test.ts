/**
 * Schemas: a value that fits comes back unchanged, and every mismatch is reported at once, with its
 * place.
 */

import { describe, expect, it } from 'vitest';
import {
  amount,
  dictionary,
  either,
  list,
  number,
  object,
  oneOf,
  parseWithSchema,
  type Schema,
  text,
  time,
  truth,
  wholeNumber,
} from '../../src/schema.ts';

const run = object(
  { name: text(), kind: oneOf('a', 'b'), steps: list(object({ at: time, count: wholeNumber })) },
  { sizes: dictionary(amount) },
);
const good = {
  name: '',
  kind: 'b',
  steps: [{ at: '2026-01-02T03:04:05.678Z', count: -1 }],
  sizes: { x: 0 },
};

it('gives back what fits, with and without what may be missing', () => {
  expect(parseWithSchema(run, JSON.stringify(good))).toEqual(good);
  const { sizes: _, ...least } = good;
  expect(parseWithSchema(run, JSON.stringify(least))).toEqual(least);
});

it('reports everything that is wrong, each with its place', () => {
  const bad = { kind: 'c', steps: [{ at: 'now', count: 0.5 }], sizes: { x: -1 }, more: 1 };
  const words = messageOf(run, JSON.stringify(bad));
  expect(words.split('; ').sort()).toEqual([
    'kind: expected one of a, b',
    'more: is unknown',
    'name: is missing',
    'sizes.x: expected a number from 0',
    'steps.0.at: expected a time such as 2026-01-02T03:04:05.678Z',
    'steps.0.count: expected a whole number',
  ]);
});

it('keeps unknown fields where asked to, at every depth, and still checks the known ones', () => {
  const more = { ...good, more: 1, steps: [{ ...good.steps[0], more: null }] };
  const json = JSON.stringify(more);
  expect(messageOf(run, json)).toBe('steps.0.more: is unknown; more: is unknown');
  expect(parseWithSchema(run, json, { unknownFields: 'kept' })).toEqual(more);
  const bad = JSON.stringify({ ...more, kind: 'c' });
  expect(() => parseWithSchema(run, bad, { unknownFields: 'kept' })).toThrow(
    /^kind: expected one of a, b$/,
  );
});

it('takes either of two shapes, and says which are expected', () => {
  const shape = either('a or b', object({ a: truth }), object({ b: text() }));
  expect(parseWithSchema(shape, '{"a":false}')).toEqual({ a: false });
  expect(parseWithSchema(shape, '{"b":""}')).toEqual({ b: '' });
  expect(messageOf(shape, '{"a":0}')).toBe('expected a or b');
  expect(messageOf(shape, '{"b":"","c":1}')).toBe('expected a or b');
  const json = '{"b":"","c":1}';
  expect(parseWithSchema(shape, json, { unknownFields: 'kept' })).toEqual({ b: '', c: 1 });
});

describe('refuses', () => {
  it.each<[string, Schema<unknown>, string]>([
    ['a list for an object', object({}), '[]'],
    ['null for an object', object({}), 'null'],
    ['an object for a list', list(text()), '{}'],
    ['a number for a text', text(), '1'],
    ['a text for a number', number(), '"1"'],
    ['a list for a dictionary', dictionary(text()), '[]'],
    ['null for what may be missing', object({}, { a: text() }), '{"a":null}'],
    ['an inherited name for a field', object({}), '{"toString":1}'],
    ['a day that is in no calendar', time, '"2026-13-40T00:00:00Z"'],
    ['a number too large to be exact', wholeNumber, '9007199254740993'],
    ['what is no JSON', text(), '{'],
    ['nothing', text(), ''],
  ])('%s', (_, shape, json) => {
    expect(messageOf(shape, json)).not.toBe('');
  });

  it('a missing field that every object inherits', () => {
    expect(messageOf(object({ toString: text() }), '{}')).toBe('toString: is missing');
  });
});

function messageOf(shape: Schema<unknown>, json: string): string {
  try {
    parseWithSchema(shape, json);
    return '';
  } catch (error) {
    return error instanceof SyntaxError ? error.message : 'another error';
  }
}
