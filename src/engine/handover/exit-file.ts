/** exit.json: how the engine ended. Written last, and only once. */

import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { claim, writeWhole } from '../../files/files.ts';
import { isPlainFile, RefusedFile } from '../../files/untrusted-file.ts';
import { object, oneOf, type Schema, text, time, wholeNumber } from '../../schema.ts';
import type { EngineOutput, Exit } from '../engine.ts';
import { type JsonFile, parseJsonFile, readJsonFile } from './json-file.ts';

export const exitFile = 'exit.json';

const exitSchema: Schema<Exit> = object(
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

const file: JsonFile<Exit> = {
  name: exitFile,
  schema: exitSchema,
  maxBytes: 64 * 1024,
  claimed: true,
};

/** Throws `ENGINE_FILE_INVALID`. */
export function parseExit(json: string, path = exitFile): Exit {
  return parseJsonFile(file, json, path);
}

/**
 * How the engine whose output folder this is ended; undefined while it has not. Throws
 * `ENGINE_FILE_INVALID` and RefusedFile.
 */
export async function readExit(outputDir: string): Promise<Exit | undefined> {
  return readJsonFile(file, outputDir);
}

/**
 * The same while it may still come: whatever the engine has put there does not count,
 * and the supervisor writes its own over it.
 */
export async function awaitedExit(outputDir: string): Promise<Exit | undefined> {
  // Nearly always there is nothing yet.
  if (!isPlainFile(exitPath(outputDir))) return undefined;
  try {
    return await readExit(outputDir);
  } catch (error) {
    if (error instanceof RefusedFile || hasCode(error, 'ENGINE_FILE_INVALID')) return undefined;
    throw error;
  }
}

export async function writeExit(outputDir: string, exit: Exit): Promise<void> {
  await writeWhole(exitPath(outputDir), serialize(exit));
}

/**
 * Like `writeExit`, but never over an existing one: false if there is one. Anything else there
 * is moved aside. Throws RefusedFile if something is put there again and again.
 */
export async function writeFirstExit(outputDir: string, exit: Exit): Promise<boolean> {
  const path = exitPath(outputDir);
  if (await claim(path, serialize(exit))) return true;
  if ((await awaitedExit(outputDir)) !== undefined) return false;
  await rename(path, `${path}.refused-${randomBytes(6).toString('hex')}`);
  if (await claim(path, serialize(exit))) return true;
  throw new RefusedFile(path, 'something puts another file there again and again');
}

/** `ended`: aborted once the exit has been seen. */
export function engineOutput(dir: string, ended?: AbortSignal): EngineOutput {
  const hasEnded = async (): Promise<boolean> =>
    ended?.aborted === true || (await awaitedExit(dir)) !== undefined;
  return { dir, hasEnded, ...(ended === undefined ? {} : { ended }) };
}

function exitPath(outputDir: string): string {
  return join(outputDir, exitFile);
}

function serialize(exit: Exit): string {
  return `${JSON.stringify(exit, undefined, 2)}\n`;
}
