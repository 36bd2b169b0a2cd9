/** What the plan leaves in the output folder for whoever reads the output later. */

import { join } from 'node:path';
import { readIfThere } from '../../files.ts';
import { list, object, oneOf, parseShaped, type Shape, text } from '../../shape.ts';
import type { Sampling } from '../engine.ts';

export const runNotesFile = 'tsung.json';

/**
 * `requestName`: what requests are called where their own names are not known. `enclosing`: names of transactions that hold other
 * transactions.
 */
export type RunNotes = Readonly<{
  requests: Sampling['requests'];
  requestName: string;
  enclosing?: readonly string[];
}>;

const shape: Shape<RunNotes> = object(
  { requests: oneOf('each', 'overall', 'intervals'), requestName: text() },
  { enclosing: list(text()) },
);

export function parseRunNotes(json: string): RunNotes {
  return parseShaped(shape, json);
}

/** Output that another hand made has no notes: then each row is a request. */
export async function readRunNotes(outputDir: string): Promise<RunNotes> {
  const json = await readIfThere(join(outputDir, runNotesFile));
  if (json === undefined) return { requests: 'each', requestName: 'request' };
  return parseRunNotes(json);
}
