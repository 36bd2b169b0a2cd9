/** The first part of an SLO rule: which transaction or request it is about. */

import type { ErrorCode, Problem } from '../errors.ts';
import { quote } from '../text.ts';
import type { SloScope } from './rule.ts';

/** The scope that was read, and the text after it. */
export type Parsed<T> = Readonly<{ value: T; rest: string }>;

export function parseScope(text: string): Parsed<SloScope> | Problem {
  const match = /^([A-Za-z]+)\s*\(/.exec(text);
  if (match === null) return { value: { kind: 'run' }, rest: text };
  const [opening, word = ''] = match;
  if (/^p(ercentile)?$/i.test(word)) {
    const hint = 'write p95, without parentheses';
    return problem('SLO_METRIC', `${quote(text)}: ${quote(opening)} starts no metric`, hint);
  }
  if (word !== 'transaction' && word !== 'request') {
    const hint =
      'a rule is about transaction(NAME), request(NAME) or, without either, the whole run';
    return problem('SLO_SCOPE', `${quote(text)}: ${quote(word)} is not measured`, hint);
  }
  const name = parseName(text.slice(opening.length));
  if (name === undefined) {
    const hint = `put a name with odd parentheses in quotes: ${word}("a) b").p95 < 300ms; in YAML, quote the rule`;
    return problem(
      'SLO_SYNTAX',
      `${quote(text)}: the name after ${quote(opening)} does not end`,
      hint,
    );
  }
  if (name.value.trim() === '') {
    const hint = `write its name: ${word}(login).p95 < 300ms`;
    return problem('SLO_SCOPE', `${quote(text)}: ${word}() has no name`, hint);
  }
  const dot = /^\s*\.\s*/.exec(name.rest);
  if (dot === null) {
    const hint = `write a dot and a metric after it: ${word}(login).p95 < 300ms`;
    return problem('SLO_SYNTAX', `${quote(text)}: there is no metric for this ${word}`, hint);
  }
  return { value: { kind: word, name: name.value }, rest: name.rest.slice(dot[0].length) };
}

/** The name up to its closing parenthesis: in quotes, or with balanced parentheses. */
function parseName(text: string): Parsed<string> | undefined {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*\)/s.exec(text);
  if (quoted !== null) {
    return {
      value: (quoted[1] ?? '').replace(/\\(.)/gs, '$1'),
      rest: text.slice(quoted[0].length),
    };
  }
  let depth = 1;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 0) return { value: text.slice(0, index).trim(), rest: text.slice(index + 1) };
  }
  return undefined;
}

export function problem(code: ErrorCode, message: string, hint: string): Problem {
  return { code, message, hint };
}
