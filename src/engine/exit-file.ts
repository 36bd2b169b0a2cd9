/** exit.json: how the engine ended, written last and once. */

import { join } from 'node:path';
import { claim, isThere, readIfThere, writeWhole } from '../files.ts';
import { object, oneOf, type Shape, text, time, wholeNumber } from '../shape.ts';
import type { EngineOutput, Exit } from './engine.ts';
import { parseEngineFile } from './engine-file.ts';

export const exitFile = 'exit.json';

const exitShape: Shape<Exit> = object(
  {
    startedAt: time,
    endedAt: time,
    reason: oneOf(
      'ended',
      'stopped',
      'duration-limit',
      'disk-limit',
      'stalled',
      'drain-limit',
      'spawn-failed',
      'lost',
    ),
  },
  { exitCode: wholeNumber, signal: text(), detail: text() },
);

/** Throws `ENGINE_FILE_INVALID`. */
export function parseExit(json: string, path = exitFile): Exit {
  return parseEngineFile(exitShape, json, path);
}

/** How the engine whose output folder this is ended; undefined while it has not. */
export async function readExit(outputDir: string): Promise<Exit | undefined> {
  const path = exitPath(outputDir);
  const json = await readIfThere(path);
  return json === undefined ? undefined : parseExit(json, path);
}

export async function writeExit(outputDir: string, exit: Exit): Promise<void> {
  await writeWhole(exitPath(outputDir), serialize(exit));
}

/** Like `writeExit`, but never over one that is there: false if there is. */
export async function writeFirstExit(outputDir: string, exit: Exit): Promise<boolean> {
  return await claim(exitPath(outputDir), serialize(exit));
}

/** `ended`: aborted by somebody who has seen the exit. */
export function engineOutput(dir: string, ended?: AbortSignal): EngineOutput {
  const hasEnded = async (): Promise<boolean> => ended?.aborted === true || isThere(exitPath(dir));
  return { dir, hasEnded, ...(ended === undefined ? {} : { ended }) };
}

function exitPath(outputDir: string): string {
  return join(outputDir, exitFile);
}

function serialize(exit: Exit): string {
  return `${JSON.stringify(exit, undefined, 2)}\n`;
}
