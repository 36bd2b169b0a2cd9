/**
 * fired.json and engine.json: which processes run a scenario, so that no other process is mistaken
 * for them.
 */

import { join } from 'node:path';
import { claim, writeWhole } from '../../files/files.ts';
import { type FromSchema, number, object, someText, text, time } from '../../schema.ts';
import { type JsonFile, readJsonFile } from './json-file.ts';

const positive = number(
  'a whole number above 0',
  (value) => Number.isSafeInteger(value) && value > 0,
);

const identity = {
  pid: positive,
  pidStartTime: number(
    'a whole number from 0',
    (value) => Number.isSafeInteger(value) && value >= 0,
  ),
  bootId: someText,
};

const marker = text('at least 16 characters', (value) => value.length >= 16);
const processSchema = object(identity);
const firedSchema = object({ ...identity, marker, firedAt: time });
const engineSchema = object({ ...identity, pgid: positive, startedAt: time });

const limits = { maxBytes: 64 * 1024, claimed: true };
const firedFile: JsonFile<Fired> = { name: 'fired.json', schema: firedSchema, ...limits };
const engineFile: JsonFile<EngineProcess> = {
  name: 'engine.json',
  schema: engineSchema,
  ...limits,
};

/** Identifies a process for good: a pid is reused, but not with the same start time and boot. */
export type ProcessIdentity = Readonly<FromSchema<typeof processSchema>>;

/**
 * The supervisor that fired. Every process of the engine carries `marker` in its environment as
 * `ONAGER_RUN`.
 */
export type Fired = Readonly<FromSchema<typeof firedSchema>>;

/** The engine's first process, the leader of its own session. */
type EngineProcess = Readonly<FromSchema<typeof engineSchema>>;

/** True for exactly one caller, ever. */
export async function claimFiring(outputDir: string, fired: Fired): Promise<boolean> {
  return await claim(join(outputDir, firedFile.name), `${JSON.stringify(fired)}\n`);
}

export async function readFired(outputDir: string): Promise<Fired | undefined> {
  return readJsonFile(firedFile, outputDir);
}

export type FiredReader = typeof readFired;

/**
 * The same for a caller that asks often. What was read once stays known, whatever the engine puts
 * in the file's place later.
 */
export function createFiredReader(): FiredReader {
  const known = new Map<string, Fired>();
  return async (outputDir) => {
    const fired = known.get(outputDir) ?? (await readFired(outputDir));
    if (fired !== undefined) known.set(outputDir, fired);
    return fired;
  };
}

export async function writeEngineProcess(dir: string, engine: EngineProcess): Promise<void> {
  await writeWhole(join(dir, engineFile.name), `${JSON.stringify(engine)}\n`);
}

export async function readEngineProcess(outputDir: string): Promise<EngineProcess | undefined> {
  return readJsonFile(engineFile, outputDir);
}
