/** Onager's verdict on Tsung's DTD agrees with that of a validating parser, xmllint. */

import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { dtdProblems } from '../../../../../../src/engine/tsung/check/dtd/problems.ts';
import { type DtdRules, readDtdRules } from '../../../../../../src/engine/tsung/xml/dtd-rules.ts';
import { parseTree } from '../../../../../../src/engine/tsung/xml/tree.ts';
import { exec } from '../../../../../../src/exec.ts';
import { temporaryFolder } from '../../../../../support/temporary.ts';

const dtd = '/usr/share/tsung/tsung-1.0.dtd';
const documents = 400;

let dir = '';
let rules: DtdRules = new Map();
beforeAll(async () => {
  dir = await temporaryFolder('xmllint');
  rules = await readDtdRules(dtd);
});

/** An element of the DTD, or almost: most of its attributes and child elements are allowed. */
function anElement(depth: number, name: string): fc.Arbitrary<string> {
  const rule = rules.get(name);
  const own = [...(rule?.attributes ?? new Map()).keys()];
  const inner = (rule?.content.match(/(?<!#)\b[a-z_]\w*/g) ?? []).filter((one) => rules.has(one));
  const required = own.filter((one) => rule?.attributes.get(one)?.isRequired);
  const values = (attribute: string): fc.Arbitrary<string> =>
    fc.constantFrom(...(rule?.attributes.get(attribute)?.choices ?? ['word', '5']), 'word', 'a b');
  const attributes = fc
    .tuple(
      mostly(fc.constant(required), fc.subarray(required)),
      fc.subarray(own, { maxLength: Math.min(2, own.length) }),
      mostly<readonly string[]>(fc.constant([]), fc.constant(['colour'])),
    )
    .chain((names) => {
      const all = [...new Set(names.flat())];
      return fc.tuple(...all.map((one) => values(one).map((value) => ` ${one}="${value}"`)));
    });
  const children =
    inner.length === 0 || depth === 0
      ? fc.constant([])
      : mostly(
          fc.subarray(inner, { maxLength: Math.min(3, inner.length) }),
          fc.array(fc.constantFrom(...inner, 'foo', 'http'), { maxLength: 3 }),
        ).chain((names) => fc.tuple(...names.map((one) => anElement(depth - 1, one))));
  const text = mostly(fc.constant(''), fc.constant('text'));
  return fc
    .tuple(attributes, children, text)
    .map(([its, below, word]) => `<${name}${its.join('')}>${below.join('')}${word}</${name}>`);
}

function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
}

async function isValidByXmllint(text: string): Promise<boolean> {
  const { ok } = await exec('xmllint', {
    args: ['--noout', '--nonet', '--dtdvalid', dtd, '-'],
    input: text,
    cwd: dir,
  });
  return ok;
}

it('for documents at random', { timeout: 120_000 }, async () => {
  // Every type counts as installed: another check reports types that are not.
  const types = new Set([
    ...(rules.get('session')?.attributes.get('type')?.choices ?? []),
    ...['word', '5', 'a b'],
  ]);
  const roots = fc.constantFrom(...rules.keys()).chain((name) => anElement(2, name));
  const verdicts = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(roots, async (text) => {
      const document = { root: parseTree(text), text, where: String, types };
      const isValid = dtdProblems(document, rules).length === 0;
      verdicts.add(isValid);
      expect(isValid).toBe(await isValidByXmllint(text));
    }),
    { numRuns: documents },
  );
  expect(verdicts.size).toBe(2);
});
