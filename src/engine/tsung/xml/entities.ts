/** Reads the content of a DOCTYPE's entities; files only from the scenario itself. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../errors.ts';
import type { Change, Scenario } from '../../engine.ts';
import { createFindFile, type FoundFile, fileProblem } from '../scenario/find-file.ts';
import { decodeXml } from './decode.ts';
import type { Doctype } from './doctype.ts';
import { blank } from './well-formed.ts';

/** The content of an entity, and the file that it comes from. */
export type Entity = Readonly<{ kind: 'internal' | 'file'; file: string; text: string }>;

type Declarations = Readonly<{
  entities: ReadonlyMap<string, Entity>;
  /** Names whose declaration has a problem already. */
  unusable: ReadonlySet<string>;
  problems: readonly Problem[];
  changes: readonly Change[];
}>;

export async function readDeclarations(
  scenario: Scenario,
  doctype: Doctype,
  whereOf: (offset: number) => string,
): Promise<Declarations> {
  const entities = new Map<string, Entity>();
  const unusable = new Set<string>();
  const problems: Problem[] = [];
  const changes: Change[] = [];
  const findFile = createFindFile(scenario);
  for (const { name, offset, isParameter, value } of doctype.entities) {
    const where = whereOf(offset);
    // The first declaration of a name counts: https://www.w3.org/TR/xml/#sec-entity-decl
    if (entities.has(name) || unusable.has(name)) continue;
    if (isParameter) {
      problems.push({
        code: 'TSUNG_ENTITY',
        message: `parameter entity "%${name};" is not supported`,
        hint: 'replace it with its content',
        where,
      });
    } else if (value.kind === 'internal') {
      entities.set(name, { kind: 'internal', file: scenario.entry, text: value.text });
    } else {
      const included = await include(scenario, findFile(value.path), value.path, where);
      if ('problems' in included) {
        unusable.add(name);
        problems.push(...included.problems);
        continue;
      }
      entities.set(name, { kind: 'file', ...included });
      changes.push({
        what: `"&${name};" is replaced with the content of "${included.file}"`,
        why: 'the scenario runs as one file without includes',
        where,
      });
    }
  }
  return { entities, unusable, problems, changes };
}

async function include(
  scenario: Scenario,
  found: FoundFile,
  path: string,
  where: string,
): Promise<Readonly<{ file: string; text: string }> | Readonly<{ problems: readonly Problem[] }>> {
  if (found.kind !== 'found') return { problems: [fileProblem(found, path, where)] };
  const bytes = await readFile(join(scenario.dir, found.file));
  const { text, problems } = decodeXml(bytes, found.file);
  if (problems.length > 0) return { problems };
  // An included file may start with a text declaration, which is not allowed within a document.
  return { file: found.file, text: text.replace(/^<\?xml\b[\s\S]*?\?>/, blank) };
}
