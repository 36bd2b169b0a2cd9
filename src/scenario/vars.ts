/** Puts the values of variables into the text of the entry file. */

import type { Problem } from '../errors.ts';
import { createLines } from '../files/lines.ts';

type Substituted = Readonly<{
  text: string;
  /** Variables that are not set, each with its place: the scenario cannot run. */
  problems: readonly Problem[];
  /** Variables that are set but not used. */
  warnings: readonly Problem[];
}>;

const reference = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * `${NAME}` becomes the escaped value, `$${NAME}` the literal text `${NAME}`; everything else,
 * including other uses of `$` and `{`, is left as it is. Values are not searched for variables.
 */
export function substituteVars({
  text,
  file,
  vars,
  offeredVars = [],
  escapeValue,
}: Readonly<{
  text: string;
  /** The entry file's name, to locate problems. */
  file: string;
  vars: Readonly<Record<string, string>>;
  /** Variables that are set for every scenario: no warning if one does not use them. */
  offeredVars?: readonly string[];
  /** Makes a value safe in the entry file's format. */
  escapeValue: (value: string) => string;
}>): Substituted {
  const problems: Problem[] = [];
  const used = new Set<string>();
  const lines = createLines(text);
  const substituted = text.replace(
    reference,
    (whole, literal: string, name: string, at: number) => {
      if (literal !== '') return whole.slice(1);
      used.add(name);
      const value = Object.hasOwn(vars, name) ? vars[name] : undefined;
      if (value !== undefined) return escapeValue(value);
      problems.push({
        code: 'VAR_UNSET',
        message: `the variable "${name}" is not set`,
        hint:
          `set it: in onager.yaml (vars: { ${name}: … }), as the instance tag onager:vars.${name}, or with --var ${name}=…; ` +
          `if it is not a variable of Onager, write $\${${name}}`,
        where: `${file}:${lines.lineOf(at)}:${at - lines.startOf(at) + 1}`,
      });
      return whole;
    },
  );
  const warnings = Object.keys(vars)
    .filter((name) => !used.has(name) && !offeredVars.includes(name))
    .map((name) => unused(name, file));
  return { text: substituted, problems, warnings };
}

function unused(name: string, file: string): Problem {
  return {
    code: 'VAR_UNUSED',
    message: `the variable ${JSON.stringify(name)} is set, but not used in ${file}`,
    hint: `write \${${name}} where its value belongs, or leave the setting out`,
    where: `vars.${name}`,
  };
}
