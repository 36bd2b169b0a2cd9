/** Finds the engine for a scenario, and the file that this engine starts with. */

import { OnagerError } from '../errors.ts';
import type { Candidate, Engine, ReadStart } from './engine.ts';

export type Detected = Readonly<{ engine: Engine; entry: string }>;

/** What the settings say. */
export type Wanted = Readonly<{ engine?: string; entry?: string }>;

/** An engine's claim on a file. */
type Claim = Readonly<{ engine: Engine }> & Candidate;

const maxShown = 10;

/** Throws `ENGINE_UNKNOWN`, `ENTRY_MISSING` or `ENTRY_AMBIGUOUS`. */
export async function detectAmong(
  engines: readonly Engine[],
  files: readonly string[],
  read: ReadStart,
  wanted: Wanted = {},
): Promise<Detected> {
  const allowed = engines.filter(
    ({ name }) => wanted.engine === undefined || name === wanted.engine,
  );
  if (allowed.length === 0) {
    throw new OnagerError('ENGINE_UNKNOWN', `unknown engine "${wanted.engine}"`, {
      hint: `this image has: ${namesOf(engines)}`,
    });
  }
  if (wanted.entry !== undefined) return await engineOf(wanted.entry, allowed, files, read);
  const claims = await claimsOn(files, allowed, read);
  const [only, ...others] = strongest(claims);
  if (only === undefined) {
    throw new OnagerError('ENTRY_MISSING', `no file here is a scenario of ${namesOf(allowed)}`, {
      hint: `the scenario has: ${some(files)}; name one as "entry" in the settings`,
    });
  }
  if (others.length === 0) return only;
  throw ambiguous([only, ...others]);
}

/** The engine that reads this file; if none claims it, the only installed one. */
async function engineOf(
  entry: string,
  engines: readonly Engine[],
  files: readonly string[],
  read: ReadStart,
): Promise<Detected> {
  if (!files.includes(entry)) {
    const claims = await claimsOn(files, engines, read);
    const entries = [...new Set(claims.map((claim) => claim.entry))];
    throw new OnagerError('ENTRY_MISSING', `the scenario has no file "${entry}"`, {
      hint: entries.length > 0 ? `perhaps: ${some(entries)}` : `it has: ${some(files)}`,
    });
  }
  const [only, ...others] = strongest(await claimsOn([entry], engines, read));
  if (only !== undefined) {
    if (others.length === 0) return only;
    throw ambiguous([only, ...others]);
  }
  const [engine, ...more] = engines;
  if (engine !== undefined && more.length === 0) return { engine, entry };
  throw new OnagerError('ENGINE_UNKNOWN', `no engine here recognises "${entry}"`, {
    hint: `name the engine in the settings: ${namesOf(engines)}`,
  });
}

async function claimsOn(
  files: readonly string[],
  engines: readonly Engine[],
  read: ReadStart,
): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const engine of engines) {
    const candidates = await engine.detect(files, read);
    claims.push(...candidates.map((candidate) => ({ engine, ...candidate })));
  }
  return claims;
}

/** A likely candidate counts only if none is sure. */
function strongest(claims: readonly Claim[]): readonly Claim[] {
  const sure = claims.filter(({ certainty }) => certainty === 'sure');
  return sure.length > 0 ? sure : claims;
}

function ambiguous(claims: readonly Claim[]): OnagerError {
  const named = claims.map(({ engine, entry }) => `${entry} (${engine.name})`);
  const isPair = named.length === 2;
  const isOneEngine = new Set(claims.map(({ engine }) => engine)).size === 1;
  const message = isPair
    ? `the load could start from both ${named.join(' and ')}`
    : `the load could start from any of ${some(named)}`;
  const andEngine = isOneEngine ? '' : ', and its "engine" where two engines read the same file';
  return new OnagerError('ENTRY_AMBIGUOUS', message, {
    hint: `name one of them as "entry" in the settings${andEngine}`,
  });
}

function namesOf(engines: readonly Engine[]): string {
  return engines.map(({ name }) => name).join(', ');
}

function some(files: readonly string[]): string {
  const shown = files.slice(0, maxShown).join(', ');
  return files.length > maxShown ? `${shown} and ${files.length - maxShown} more` : shown;
}
