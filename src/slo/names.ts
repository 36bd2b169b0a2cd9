/** Finds rules about transactions and requests that a scenario does not have. Pure. */

import type { Problem } from '../errors.ts';
import { fits, nearest } from '../nearest.ts';
import { quote } from '../text.ts';
import type { SloRule, SloScope } from './rule.ts';

type NamedKind = Exclude<SloScope['kind'], 'run'>;

const maxShown = 10;
/** Comparing all with all would take too long. */
const maxCompared = 200;

/**
 * `names`: with `*` for what is known only during the load. What a transaction is called stands in
 * the scenario, so a rule about another one could never be met. What a request is called is the
 * engine's to say: then the rule may still come to something.
 */
export function unknownNames(
  rules: readonly SloRule[],
  names: Readonly<Record<NamedKind, readonly string[]>>,
): Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }> {
  const unknown = rules.flatMap(({ text, scope }) => {
    if (scope.kind === 'run') return [];
    const known = names[scope.kind];
    if (known.some((pattern) => fits(scope.name, pattern))) return [];
    return [{ text, ...scope, known }];
  });
  const of = (wanted: NamedKind, code: Problem['code']): readonly Problem[] =>
    unknown
      .filter(({ kind }) => kind === wanted)
      .map(({ kind, known, name, text }) => ({
        code,
        message: `${quote(text)}: the scenario has no ${kind} ${quote(name)}`,
        hint: hintOf(kind, name, known),
        where: 'slo',
      }));
  return { problems: of('transaction', 'SLO_SCOPE'), warnings: of('request', 'SLO_NAME') };
}

function hintOf(kind: NamedKind, name: string, known: readonly string[]): string {
  if (known.length === 0) return `it has no ${kind}s at all: write the rule about the whole run`;
  const shown = known.slice(0, maxShown).map((one) => quote(one));
  const more = known.length > shown.length ? ` and ${known.length - shown.length} more` : '';
  const meant = nearest(name, known.slice(0, maxCompared));
  const has = `it has ${shown.join(', ')}${more}`;
  return meant === undefined ? has : `did you mean ${quote(meant)}? ${has}`;
}
