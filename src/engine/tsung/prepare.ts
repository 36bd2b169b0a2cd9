/** Reads a scenario's entry file as far as both checking and planning need it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import type { Problem } from '../../errors.ts';
import { substituteVars } from '../../scenario/vars.ts';
import type { Change, Scenario } from '../engine.ts';
import { decodeXml } from './decode-xml.ts';
import { type Expanded, expandEntities } from './expand.ts';
import type { Where } from './source-map.ts';
import { type Element, escapeXml, parseTree } from './xml-tree.ts';

/** The scenario as one document that includes nothing; `problems` that are not empty forbid firing it. */
export type Prepared = Readonly<{
  scenario: Scenario;
  text: string;
  where: Where;
  doctype: Expanded['doctype'];
  doctypeWhere: string;
  root: Element;
  problems: readonly Problem[];
  changes: readonly Change[];
}>;

export async function prepare(scenario: Scenario): Promise<Prepared> {
  const { entry } = scenario;
  const read = decodeXml(await readFile(join(scenario.dir, entry)));
  const { text: substituted, problems: unset } = substituteVars({
    text: read,
    file: entry,
    vars: scenario.vars,
    escapeValue: escapeXml,
  });
  const expanded = await expandEntities(scenario, substituted);
  const { text, where, doctype, doctypeWhere } = expanded;
  const faults = expanded.problems.length > 0 ? [] : wellFormedness(text, where);
  const problems = [...unset, ...expanded.problems, ...faults];
  const root = problems.length > 0 ? parseTree('') : parseTree(text);
  if (problems.length === 0 && root.name !== 'tsung') {
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
    problems,
    changes: expanded.changes,
  };
}

/** The first thing that makes the text no XML; what follows it would be guesses. */
function wellFormedness(text: string, where: Where): readonly Problem[] {
  const parser = new SaxesParser({ position: true });
  const faults: Problem[] = [];
  parser.on('error', ({ message }) => {
    if (faults.length > 0) return;
    faults.push({
      code: 'TSUNG_XML',
      message: `not well-formed XML: ${message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`,
      hint: 'every element needs its end, every attribute its quotes, and "&" is written "&amp;"',
      where: where(offsetOf(text, parser.line, parser.column)),
    });
  });
  parser.write(text).close();
  return faults;
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const next = text.indexOf('\n', start);
    if (next === -1) break;
    start = next + 1;
  }
  return Math.min(start + Math.max(column - 1, 0), text.length);
}

/** The place of a line of the prepared text. */
export function whereOfLine(prepared: Prepared, line: number): string {
  return prepared.where(offsetOf(prepared.text, line, 1));
}
