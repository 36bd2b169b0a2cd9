/**
 * Explains what is wrong with Erlang code, callbacks and regular expressions that Tsung's own
 * reader accepts and that would fail only for a running user.
 */

import type { Problem } from '../../../../errors.ts';
import type { Where } from '../../xml/source-map.ts';
import type { Element } from '../../xml/tree.ts';
import { codeOf, type ReaderQuestion } from './questions.ts';
import { regexpWords } from './variable-words.ts';

/**
 * `answer`: the kind of problem, and what else the reader's program says of it. `where`: the place
 * of an offset of `text`.
 */
export function questionProblem(
  { asked, element, start }: ReaderQuestion,
  answer: readonly string[],
  text: string,
  where: Where,
): Problem {
  const [kind, what = '', at = ''] = answer;
  const of = `<${element.name}>`;
  const place = { where: where(start) };
  if (asked.kind === 'regexp') {
    return { code: 'TSUNG_REFUSED', ...regexpWords(asked.text.trim(), of, what, at), ...place };
  }
  if (asked.kind === 'callback') return { ...callbackProblem(kind, of, asked), ...place };
  if (kind === 'arity') {
    return {
      code: 'TSUNG_CODE',
      message: `the function in ${of} takes ${what} arguments, and tsung gives it one`,
      hint: 'write fun({Pid, DynVars}) -> … end. in <setdynvars>, and fun(X) -> … end. in <oid>',
      ...place,
    };
  }
  return {
    code: 'TSUNG_CODE',
    message: `the Erlang code in ${of} cannot be read: ${what}${at === '' ? '' : `, at character ${at}`}`,
    hint: 'it ends with a full stop: fun({Pid, DynVars}) -> … end. It has no comments: in an attribute a line does not end, and the rest would be one',
    where: where(lineOfCharacter(element, { text, start, character: Number(at) })),
  };
}

function callbackProblem(
  kind: string | undefined,
  of: string,
  { module, name }: Readonly<{ module: string; name: string }>,
): Problem {
  if (kind === 'no-function') {
    return {
      code: 'TSUNG_CODE',
      message: `${of} calls "${module}:${name}", but module "${module}" has no such function of one argument`,
      hint: `export ${name}/1: tsung calls it with one argument`,
    };
  }
  return {
    code: 'TSUNG_CODE',
    message: `${of} calls "${module}:${name}", but module "${module}" is neither in the scenario nor in tsung or Erlang`,
    hint: `put ${module}.beam into the scenario's top folder: erlc ${module}.erl makes it`,
  };
}

/** The start of the line that a character of the element's code is in. */
function lineOfCharacter(
  element: Element,
  { text, start, character }: Readonly<{ text: string; start: number; character: number }>,
): number {
  const before = codeOf(element)?.value.slice(0, Math.max(character - 1, 0)) ?? '';
  let offset = start;
  for (let left = before.split('\n').length - 1; left > 0; left--) {
    offset = text.indexOf('\n', offset) + 1;
  }
  return offset;
}
