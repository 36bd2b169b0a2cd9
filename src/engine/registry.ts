/** The engines of this build. */

import { OnagerError } from '../errors.ts';
import { type Detected, detectAmong, type Wanted } from './detect.ts';
import type { Engine, ReadStart } from './engine.ts';
import { tsung } from './tsung/tsung.ts';

const engines: readonly Engine[] = [tsung];

function engineNamed(name: string): Engine | undefined {
  return engines.find((engine) => engine.name === name);
}

/** What prepares a scenario of this engine. */
export type PreparerOf = (engine: Engine) => Pick<Engine, 'prepare'>;

/** Has every engine start what its preparation needs, until the signal is aborted. */
export function standBy(signal: AbortSignal): PreparerOf {
  const ready = new Map(engines.map(({ name, standBy }) => [name, standBy?.(signal)]));
  return (engine) => ready.get(engine.name) ?? engine;
}

/** Throws `ENGINE_UNKNOWN`, `ENTRY_MISSING` or `ENTRY_AMBIGUOUS`. */
export async function detectEngine(
  files: readonly string[],
  read: ReadStart,
  wanted: Wanted,
): Promise<Detected> {
  return await detectAmong(engines, files, read, wanted);
}

/** The engine of a plan that this or another version of Onager made. Throws `ENGINE_UNKNOWN`. */
export function knownEngine(name: string): Engine {
  const engine = engineNamed(name);
  if (engine !== undefined) return engine;
  throw new OnagerError('ENGINE_UNKNOWN', `unknown engine "${name}"`, {
    hint: 'was the plan made by another version of Onager?',
  });
}
