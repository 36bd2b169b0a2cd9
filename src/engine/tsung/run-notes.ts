/** What the plan leaves in the output folder for whoever reads the output later. */

import { join } from 'node:path';
import { object, oneOf, parseShaped, type Shape, text } from '../../shape.ts';
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

/** Output that another hand made has no notes: then each row is a request. */
export async function readRunNotes(outputDir: string): Promise<RunNotes> {
  const json = readUntrusted(join(outputDir, runNotesFile), { maxBytes });
  if (json === undefined) return { requests: 'each', requestName: 'request' };
  return parseRunNotes(json);
}
