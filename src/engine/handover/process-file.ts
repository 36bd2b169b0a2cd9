/** fired.json and engine.json: which processes fire a scenario, so that nobody mistakes another process for them. */

import { join } from 'node:path';
import { claim, writeWhole } from '../../files/files.ts';
import { readUntrusted } from '../../files/untrusted-text.ts';
import {
  type FromSchema,
  number,
  object,
  type Schema,
  someText,
  text,
  time,
} from '../../schema.ts';
import { parseEngineFile } from './json-file.ts';

const maxBytes = 64 * 1024;

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

/** A process for all time: pids are used again, but not with the same start time in the same boot. */
export type ProcessIdentity = Readonly<FromSchema<typeof processSchema>>;

/** The host process that fired. Every process of the engine carries `marker` in its environment as `ONAGER_RUN`. */
export type Fired = Readonly<FromSchema<typeof firedSchema>>;

/** The engine's first process, which leads a session of its own. */
export type EngineProcess = Readonly<FromSchema<typeof engineSchema>>;

/** True for exactly one caller, ever. */
export async function claimFiring(outputDir: string, fired: Fired): Promise<boolean> {
  return await claim(join(outputDir, 'fired.json'), `${JSON.stringify(fired)}\n`);
}

export async function readFired(outputDir: string): Promise<Fired | undefined> {
  return await readWith(firedSchema, join(outputDir, 'fired.json'));
}

/**
 * The same for one who asks often: who fired is known for good, whatever the engine puts in the
 * place of the file since.
 */
export function createFiredReader(): typeof readFired {
  const known = new Map<string, Fired>();
  return async (outputDir) => {
    const fired = known.get(outputDir) ?? (await readFired(outputDir));
    if (fired !== undefined) known.set(outputDir, fired);
    return fired;
  };
}

export async function writeEngineProcess(dir: string, engine: EngineProcess): Promise<void> {
  await writeWhole(join(dir, 'engine.json'), `${JSON.stringify(engine)}\n`);
}

export async function readEngineProcess(outputDir: string): Promise<EngineProcess | undefined> {
  return await readWith(engineSchema, join(outputDir, 'engine.json'));
}

async function readWith<T>(schema: Schema<T>, path: string): Promise<T | undefined> {
  const json = readUntrusted(path, { maxBytes, claimed: true });
  return json === undefined ? undefined : parseEngineFile(schema, json, path);
}
