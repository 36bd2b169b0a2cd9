/** Finds the scenario's file for a path that was written on the author's machine. */

import { posix } from 'node:path';
import type { Problem } from '../../../errors.ts';
import { someOf } from '../check/some-of.ts';

export type FoundFile =
  | Readonly<{ kind: 'found'; file: string }>
  | Readonly<{ kind: 'missing' }>
  | Readonly<{ kind: 'ambiguous'; files: readonly string[] }>;

/**
 * By its path relative to the entry file's folder or to the scenario's; if no file is there, by
 * base name. The path itself, which may be absolute or lead out of the scenario, is never opened.
 */
export function createFindFile({
  files,
  entry,
}: Readonly<{ files: readonly string[]; entry: string }>): (path: string) => FoundFile {
  const known = new Set(files);
  const byName = Map.groupBy(files, (file) => posix.basename(file));
  return (path) => {
    const written = path.replace(/^file:(\/\/)?/, '').replaceAll('\\', '/');
    for (const base of [posix.dirname(entry), '.']) {
      const file = posix.normalize(posix.join(base, written));
      if (!posix.isAbsolute(written) && known.has(file)) return { kind: 'found', file };
    }
    const name = posix.basename(written);
    const [first, ...others] = byName.get(name) ?? [];
    if (first === undefined || name === '') return { kind: 'missing' };
    return others.length === 0
      ? { kind: 'found', file: first }
      : { kind: 'ambiguous', files: [first, ...others] };
  };
}

/** The problem for a file that is not where the scenario says. */
export function fileProblem(
  found: Readonly<{ kind: 'missing' } | { kind: 'ambiguous'; files: readonly string[] }>,
  path: string,
  where: string,
): Problem {
  if (found.kind === 'missing') {
    return {
      code: 'TSUNG_FILE_MISSING',
      message: `file "${path}" is not in the scenario`,
      hint: 'put it into the zip; it is found by its path or by its name alone',
      where,
    };
  }
  return {
    code: 'TSUNG_FILE_AMBIGUOUS',
    message: `file "${path}" could be ${someOf(found.files, ' or ')}`,
    hint: 'write the path as it is in the zip',
    where,
  };
}
