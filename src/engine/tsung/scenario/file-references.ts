/** The files that a scenario reads while it runs, and where they are in the zip. */

import { join } from 'node:path';
import type { Problem } from '../../../errors.ts';
import type { Change } from '../../engine.ts';
import { type Edit, setAttribute } from '../xml/edits.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { createFindFile, fileProblem } from './find-file.ts';
import type { Prepared } from './prepare.ts';

/** The DTD's attributes that are paths that Tsung opens on this machine, by element. */
const pathAttributes: Readonly<Record<string, readonly string[]>> = {
  http: ['contents_from_file'],
  pgsql: ['contents_from_file'],
  certificate: ['cacertfile', 'keyfile', 'certfile'],
  jabber: ['cacertfile', 'keyfile', 'certfile'],
  ldap: ['cacertfile', 'keyfile', 'certfile'],
};

type FileReferences = Readonly<{
  edits: readonly Edit[];
  problems: readonly Problem[];
  changes: readonly Change[];
}>;

export function resolveFiles({ root, scenario, where }: Prepared): FileReferences {
  const edits: Edit[] = [];
  const problems: Problem[] = [];
  const changes: Change[] = [];
  const findFile = createFindFile(scenario);

  for (const [element, name] of references(root)) {
    const path = element.attribute(name);
    // `%%_name%%` is known only while the load runs.
    if (path === undefined || path === '' || path.includes('%%')) continue;
    const place = where(element.start);
    const found = findFile(path);
    if (found.kind !== 'found') {
      problems.push(fileProblem(found, path, place));
      continue;
    }
    edits.push(setAttribute(element, name, join(scenario.dir, found.file)));
    if (found.file !== path) {
      changes.push({
        what: `file "${path}" is read from "${found.file}"`,
        why: 'that is where it is in the scenario',
        where: place,
      });
    }
  }
  return { edits, problems, changes };
}

function references(root: Element): readonly (readonly [Element, string])[] {
  const servers = descendants(root, 'option').filter(
    (option) => option.attribute('name') === 'file_server',
  );
  const others = descendants(root, ...Object.keys(pathAttributes));
  return [
    ...servers.map((option) => [option, 'value'] as const),
    ...others.flatMap((element) =>
      (pathAttributes[element.name] ?? []).map((name) => [element, name] as const),
    ),
  ];
}
