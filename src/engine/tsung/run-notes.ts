/** What the plan leaves in the output folder for whoever reads the output later. */

import { join } from 'node:path';
import { object, oneOf, parseShaped, type Shape, text } from '../../shape.ts';
import { RefusedFile } from '../../untrusted-file.ts';
import { readUntrusted } from '../../untrusted-text.ts';
import type { Sampling } from '../engine.ts';

export const runNotesFile = 'tsung.json';

const maxBytes = 1024 ** 2;

/** `requestName`: what requests are called where their own names are not known. */
export type RunNotes = Readonly<{ requests: Sampling['requests']; requestName: string }>;

const shape: Shape<RunNotes> = object({
  requests: oneOf('each', 'overall', 'intervals'),
  requestName: text(),
});

export function parseRunNotes(json: string): RunNotes {
  return parseShaped(shape, json);
}

/**
 * Output that another hand made has no notes, or none that can be read: then each row is a request.
 */
export async function readRunNotes(outputDir: string): Promise<RunNotes> {
  const json = notesIn(join(outputDir, runNotesFile));
  if (json === undefined) return { requests: 'each', requestName: 'request' };
  return parseRunNotes(json);
}

function notesIn(path: string): string | undefined {
  try {
    return readUntrusted(path, { maxBytes });
  } catch (error) {
    if (error instanceof RefusedFile) return undefined;
    throw error;
  }
}
