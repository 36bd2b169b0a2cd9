/** Which engine a scenario is for, and which of its files that engine starts with. */

import { OnagerError } from '../errors.ts';
import type { Engine } from './engine.ts';

export type Detected = Readonly<{ engine: Engine; entry: string }>;

/** What the settings ask for. */
export type Wanted = Readonly<{ engine?: string; entry?: string }>;

/** Gives a file's first bytes. */
export type ReadStart = (file: string) => Promise<Uint8Array>;

/** Throws `ENGINE_UNKNOWN`, `ENTRY_MISSING` or `ENTRY_AMBIGUOUS`. */
export async function detectAmong(
  engines: readonly Engine[],
  files: readonly string[],
  { wanted = {}, readStart }: Readonly<{ wanted?: Wanted; readStart: ReadStart }>,
): Promise<Detected> {
  const allowed = engines.filter(
    ({ name }) => wanted.engine === undefined || name === wanted.engine,
  );
  const names = engines.map(({ name }) => name).join(', ');
  if (allowed.length === 0) {
    throw new OnagerError('ENGINE_UNKNOWN', `unknown engine "${wanted.engine}"`, {
      hint: `this image has: ${names}`,
    });
  }
  const named = allowed.flatMap((engine) => entriesOf(engine, files));
  const candidates = await entriesAmong(named, readStart);
  const others = named.filter((one) => !candidates.includes(one)).map(({ entry }) => entry);
  const candidateNames = candidates.map(({ entry }) => entry).join(', ');
  const { entry } = wanted;
  if (entry !== undefined) {
    if (!files.includes(entry)) {
      throw new OnagerError('ENTRY_MISSING', `the scenario has no file "${entry}"`, {
        hint: candidates.length > 0 ? `perhaps: ${candidateNames}` : `it has: ${some(files)}`,
      });
    }
    const reader = candidates.find((candidate) => candidate.entry === entry)?.engine;
    const [only, ...others] = allowed;
    const engine = reader ?? (others.length === 0 ? only : undefined);
    if (engine !== undefined) return { engine, entry };
    throw new OnagerError('ENGINE_UNKNOWN', `no engine here reads "${entry}" by its name`, {
      hint: `name the engine in the settings: ${names}`,
    });
  }
  const chosen = allowed.flatMap((engine) => {
    const found = engine.detect(files.filter((file) => !others.includes(file)));
    return found === undefined ? [] : [{ engine, entry: found }];
  });
  const [only, ...more] = chosen;
  if (only !== undefined && more.length === 0) return only;
  if (candidates.length === 0) {
    throw new OnagerError('ENTRY_MISSING', `no file here is one that ${names} starts with`, {
      hint: `the scenario has: ${some(files)}; name one as "entry" in the settings`,
    });
  }
  throw new OnagerError('ENTRY_AMBIGUOUS', `the load could start from: ${candidateNames}`, {
    hint: 'name one of them as "entry" (and its "engine") in the settings',
  });
}

/** The files that an engine would take if there were no other. */
function entriesOf(engine: Engine, files: readonly string[]): readonly Detected[] {
  return files.flatMap((file) =>
    engine.detect([file]) === undefined ? [] : [{ engine, entry: file }],
  );
}

/**
 * Without parts of an entry and other files that only have an ending in common with one; all where
 * none would be left.
 */
async function entriesAmong(
  candidates: readonly Detected[],
  readStart: ReadStart,
): Promise<readonly Detected[]> {
  if (candidates.length < 2) return candidates;
  const found: Detected[] = [];
  for (const candidate of candidates) {
    const { engine, entry } = candidate;
    if (engine.mayBeEntry?.(await readStart(entry)) !== false) found.push(candidate);
  }
  return found.length > 0 ? found : candidates;
}

function some(files: readonly string[]): string {
  const shown = files.slice(0, 10).join(', ');
  return files.length > 10 ? `${shown} and ${files.length - 10} more` : shown;
}
