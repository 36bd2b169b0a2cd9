/** Terms of Tsung's fullstats log, whole and broken. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFullstatsParser } from '../../../../../src/engine/tsung/output/fullstats-parser.ts';

type Parsed = Readonly<{
  samples: readonly (readonly [string, number])[];
  unreadable: readonly string[];
}>;

function parse(...pieces: readonly string[]): Parsed {
  const samples: [string, number][] = [];
  const unreadable: string[] = [];
  const parser = createFullstatsParser({
    samplesOf: (name) => (durationMs) => samples.push([name, durationMs]),
    onUnreadable: (example) => unreadable.push(example),
  });
  for (const piece of pieces) parser.push(new TextEncoder().encode(piece));
  parser.end();
  return { samples, unreadable };
}

describe('fullstats', () => {
  it.each<readonly [string, string, Parsed['samples']]>([
    [
      'a list of durations',
      '{sample,request,[3.341,1.591]}\n',
      [
        ['request', 3.341],
        ['request', 1.591],
      ],
    ],
    ['one duration', '{sample,tr_login,15.3}\n', [['tr_login', 15.3]]],
    [
      'a list of samples',
      '[{sample,tr_login,15.3},{sample,tr_buy,1.2}]\n',
      [
        ['tr_login', 15.3],
        ['tr_buy', 1.2],
      ],
    ],
    [
      'lists over several lines',
      '{sample,request,\n        [15.39,\n         4.767]}\n',
      [
        ['request', 15.39],
        ['request', 4.767],
      ],
    ],
    [
      'samples over several lines',
      '[{sample,tr_a,1.5},\n {sample,tr_b,2.5}]\n',
      [
        ['tr_a', 1.5],
        ['tr_b', 2.5],
      ],
    ],
    ['a quoted name', "{sample,'tr_Log in',1.5}\n", [['tr_Log in', 1.5]]],
    ['an exponent', '{sample,connect,[1.0e-3]}\n', [['connect', 0.001]]],
    ['whole numbers', '{sample,connect,[3]}\n', [['connect', 3]]],
    ['an empty list', '{sample,connect,[]}\n', []],
    ['counters', '[{sum,size_sent,612},{sum,200,9}]\n{count,error_timeout}\n', []],
    [
      'the load of the machine',
      '[{sample,{cpu,"a@b"},10.8},\n {sample_counter,{sentpackets,"a}@b"},0}]\n',
      [],
    ],
  ])('has %s', (_what, text, samples) => {
    expect(parse(text)).toEqual({ samples, unreadable: [] });
  });

  it.each([
    ['a term that is cut', '{sample,request,[3.341,1.5'],
    ['garbage', 'garbage'],
    ['a word for a number', '{sample,request,[fast]}'],
    ['brackets that do not match', '[{sample,request,[1.0}'],
    ['a quote that does not close', "{foo,[1]}\n{sample,'abc,5}"],
  ])('counts %s as unreadable and reads on', (_what, garbage) => {
    const { samples, unreadable } = parse(`${garbage}\n{sample,page,[1.5]}\n`);
    expect(unreadable).toHaveLength(1);
    expect(samples.at(-1)).toEqual(['page', 1.5]);
  });

  it('skips what is not requested, however long, and reads what comes after it', () => {
    const samples: number[] = [];
    const parser = createFullstatsParser({
      samplesOf: (name) => (name === 'page' ? (durationMs) => samples.push(durationMs) : undefined),
      onUnreadable: (example) => expect.fail(example),
    });
    const list = new Array(1_000).fill('1.5').join(',\n         ');
    const text = `[{sample,request,[${list}]},{sample,page,[1.5,2]}]\n{sample,page,3}\n`;
    parser.push(new TextEncoder().encode(text));
    parser.end();
    expect(samples).toEqual([1.5, 2, 3]);
  });

  it('reads the same however the text is cut', () => {
    const term = fc.record({
      name: fc.constantFrom('request', 'page', 'tr_a'),
      values: fc.array(fc.integer({ min: 0, max: 9_999 }), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(
        fc.array(term, { maxLength: 8 }),
        fc.array(fc.nat(600), { maxLength: 6 }),
        (terms, cuts) => {
          const text = terms
            .map(
              ({ name, values }) =>
                `{sample,${name},\n   [${values.map((value) => (value / 8).toFixed(3)).join(',\n    ')}]}\n`,
            )
            .join('');
          const places = [
            0,
            ...cuts.map((cut) => Math.min(cut, text.length)),
            text.length,
          ].toSorted((a, b) => a - b);
          const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
          expect(parse(...pieces)).toEqual(parse(text));
          expect(parse(text).samples).toHaveLength(terms.flatMap(({ values }) => values).length);
        },
      ),
    );
  });

  it('ends, and loses no term before the garbage, whatever that is', () => {
    const garbage = fc.stringMatching(/^[{}[\]a,.1'"\\ ]{1,40}$/);
    fc.assert(
      fc.property(garbage, garbage, (first, second) => {
        const { samples } = parse(`{sample,page,[1.5]}\n{sample,${first}\n[{sample,'${second}\n`);
        expect(samples[0]).toEqual(['page', 1.5]);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[{}[\]a-z0-9,.'"\n ]{0,200}$/), (text) => void parse(text)),
    );
  });
});
