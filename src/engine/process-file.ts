/** fired.json and engine.json: which processes fire a scenario, so that nobody mistakes another process for them. */

import { join } from 'node:path';
import { z } from 'zod';
import { claim, readIfThere, writeWhole } from '../files.ts';
import { parseEngineFile } from './engine-file.ts';

const processSchema = z.strictObject({
  pid: z.int().positive(),
  pidStartTime: z.int().min(0),
  bootId: z.string().min(1),
});

const firedSchema = processSchema.extend({ marker: z.string().min(16), firedAt: z.iso.datetime() });
const engineSchema = processSchema.extend({
  pgid: z.int().positive(),
  startedAt: z.iso.datetime(),
});

/** A process for all time: pids are used again, but not with the same start time in the same boot. */
export type ProcessIdentity = Readonly<z.infer<typeof processSchema>>;

/** The host process that fired. Every process of the engine carries `marker` in its environment as `ONAGER_RUN`. */
export type Fired = Readonly<z.infer<typeof firedSchema>>;

/** The engine's first process, which leads a session of its own. */
export type EngineProcess = Readonly<z.infer<typeof engineSchema>>;

/** True for exactly one caller, ever. */
export async function claimFiring(outputDir: string, fired: Fired): Promise<boolean> {
  return await claim(join(outputDir, 'fired.json'), `${JSON.stringify(fired)}\n`);
}

export async function readFired(outputDir: string): Promise<Fired | undefined> {
  return await readWith(firedSchema, join(outputDir, 'fired.json'));
}

export async function writeEngineProcess(dir: string, engine: EngineProcess): Promise<void> {
  await writeWhole(join(dir, 'engine.json'), `${JSON.stringify(engine)}\n`);
}

export async function readEngineProcess(outputDir: string): Promise<EngineProcess | undefined> {
  return await readWith(engineSchema, join(outputDir, 'engine.json'));
}

async function readWith<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseEngineFile(schema, text, path);
}
