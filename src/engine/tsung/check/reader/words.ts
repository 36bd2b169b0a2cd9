/**
 * Explains in plain words the Erlang terms with which Tsung's own reader rejects a scenario.
 */

import { manual } from '../../xml/dtd-rules.ts';
import { descendants, type Element, withAllBelow } from '../../xml/tree.ts';
import { wordsByElement } from './element-words.ts';
import { type Refusal, type RefusalWords, shownElement } from './refusal.ts';

const maxShown = 300;

/** `root`: the whole scenario. */
export function refusalInWords(refusal: Refusal, root: Element): RefusalWords {
  const { element, reason, read } = refusal;
  const words =
    element === undefined
      ? wordsOfWhole(refusal, root)
      : ((read && valueWords(element, read)) ??
        wordsByElement[element.name]?.(element, refusal) ??
        choiceWords(element, reason));
  if (words !== undefined) return words;
  const shown = reason.length > maxShown ? `${reason.slice(0, maxShown)}…` : reason;
  const what = element === undefined ? 'the scenario' : shownElement(element);
  return {
    message: `tsung cannot read ${what}, and says: ${shown}`,
    hint: `these are Tsung's own words: compare the attributes with its manual, ${manual}`,
  };
}

const types: Readonly<Record<string, Readonly<{ kind: string; hint: string }>>> = {
  integer: {
    kind: 'a whole number',
    hint: 'write it in digits, such as 5, without a sign or unit',
  },
  float_or_integer: { kind: 'a number', hint: 'write it as 5 or 0.5, without a sign or unit' },
  atom: {
    kind: 'a name that Erlang can read',
    hint: 'use letters, digits and "_" only, begin with a lower-case letter, and avoid Erlang\'s own words such as "end" or "if"',
  },
};

function valueWords(
  element: Element,
  read: NonNullable<Refusal['read']>,
): RefusalWords | undefined {
  const type = types[read.type];
  if (type === undefined) return undefined;
  const found = withAllBelow(element)
    .flatMap((owner) => owner.attributes.map((attribute) => ({ owner, attribute })))
    .find(({ attribute }) => attribute.value.replace(/[\t\n\r]/g, ' ') === read.value);
  const name = found === undefined ? 'a value' : found.attribute.name;
  const owner = found?.owner ?? element;
  return {
    message: `${name} "${read.value}" of ${shownElement(owner, name)} is not ${type.kind}`,
    hint: type.hint,
    element: owner,
  };
}

/** A value that the reader has no case for. */
function choiceWords(element: Element, reason: string): RefusalWords | undefined {
  const value = /^\{case_clause,"?([^"{}[\]]*)"?\}$/.exec(reason)?.[1];
  const attribute = element.attributes.find((one) => one.value === value);
  if (attribute === undefined) return undefined;
  return {
    message: `${attribute.name} "${attribute.value}" of ${shownElement(element, attribute.name)} is not one that tsung knows`,
    hint: `see Tsung's manual for its values: ${manual}`,
  };
}

function wordsOfWhole({ reason }: Refusal, root: Element): RefusalWords | undefined {
  const [element] = descendants(root, 'user_agent');
  if (element === undefined || !/user.agent/i.test(reason)) return undefined;
  return {
    element,
    message: "the user agents' probabilities do not add up to 100",
    hint: 'make the probabilities of all <user_agent> add up to 100',
  };
}
