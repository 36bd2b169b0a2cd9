/** Reads a scenario's entry file as far as both checking and planning need it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../errors.ts';
import { substituteVars } from '../../../scenario/vars.ts';
import type { Change, Scenario } from '../../engine.ts';
import { decodeXml } from '../xml/decode.ts';
import { type DtdRules, readDtdRules } from '../xml/dtd-rules.ts';
import { type Expanded, expandEntities } from '../xml/expand.ts';
import type { Where } from '../xml/source-map.ts';
import { type Element, escapeXml, parseTree } from '../xml/tree.ts';
import { formProblems, offsetOf } from '../xml/well-formed.ts';
import { trimTokens } from './trim-tokens.ts';

/** The scenario as one document without includes; if there are `problems`, it must not be fired. */
export type Prepared = Readonly<{
  scenario: Scenario;
  text: string;
  where: Where;
  doctype: Expanded['doctype'];
  doctypeWhere: string;
  root: Element;
  /** The rules of Tsung's DTD. */
  rules: DtdRules;
  problems: readonly Problem[];
  warnings: readonly Problem[];
  changes: readonly Change[];
}>;

/** `dtd`: Tsung's, which says where blanks around a value are not part of it. */
export async function prepare(scenario: Scenario, dtd: string): Promise<Prepared> {
  const { entry } = scenario;
  const rules = await readDtdRules(dtd);
  const read = decodeXml(await readFile(join(scenario.dir, entry)), entry);
  const {
    text: substituted,
    problems: unset,
    warnings,
  } = substituteVars({
    text: read.text,
    file: entry,
    vars: scenario.vars,
    offeredVars: scenario.offeredVars ?? [],
    escapeValue: escapeXml,
  });
  const expanded = await expandEntities(scenario, substituted);
  const { where, doctype, doctypeWhere } = expanded;
  const found = [...read.problems, ...expanded.problems];
  const faults = found.length > 0 ? [] : formProblems(expanded.text, where);
  const problems = [...unset, ...found, ...faults];
  const isReadable = problems.length === 0;
  const text = isReadable
    ? trimTokens(expanded.text, parseTree(expanded.text), rules)
    : expanded.text;
  const root = parseTree(isReadable ? text : '');
  if (isReadable && root.name !== 'tsung') {
    problems.push({
      code: 'TSUNG_XML',
      message: `the root element is "${root.name}", not "tsung"`,
      hint: 'name the Tsung scenario as "entry" in the settings',
      where: where(root.start),
    });
  }
  return {
    scenario,
    text,
    where,
    doctype,
    doctypeWhere,
    root,
    rules,
    problems,
    warnings,
    changes: expanded.changes,
  };
}

/** The place of a line of the prepared text. */
export function whereOfLine(prepared: Prepared, line: number): string {
  return prepared.where(offsetOf(prepared.text, line, 1));
}
