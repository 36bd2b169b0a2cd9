/** exit.json: how the engine ended, written last and once. */

import { join } from 'node:path';
import { z } from 'zod';
import { claim, readIfThere, writeWhole } from '../files.ts';
import type { EngineOutput, Exit } from './engine.ts';
import { parseEngineFile } from './engine-file.ts';

const time = z.iso.datetime();

const exitSchema = z.strictObject({
  startedAt: time,
  endedAt: time,
  exitCode: z.int().exactOptional(),
  signal: z.string().exactOptional(),
  reason: z.enum([
    'ended',
    'stopped',
    'duration-limit',
    'disk-limit',
    'stalled',
    'spawn-failed',
    'lost',
  ]),
  detail: z.string().exactOptional(),
}) satisfies z.ZodType<Exit>;

/** Throws `ENGINE_FILE_INVALID`. */
export function parseExit(text: string, path = 'exit.json'): Exit {
  return parseEngineFile(exitSchema, text, path);
}

/** How the engine whose output folder this is ended; undefined while it has not. */
export async function readExit(outputDir: string): Promise<Exit | undefined> {
  const path = exitPath(outputDir);
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseExit(text, path);
}

export async function writeExit(outputDir: string, exit: Exit): Promise<void> {
  await writeWhole(exitPath(outputDir), serialize(exit));
}

/** Like `writeExit`, but never over one that is there: false if there is. */
export async function writeFirstExit(outputDir: string, exit: Exit): Promise<boolean> {
  return await claim(exitPath(outputDir), serialize(exit));
}

export function engineOutput(dir: string): EngineOutput {
  return { dir, hasEnded: async () => (await readIfThere(exitPath(dir))) !== undefined };
}

function exitPath(outputDir: string): string {
  return join(outputDir, 'exit.json');
}

function serialize(exit: Exit): string {
  return `${JSON.stringify(exit, undefined, 2)}\n`;
}
