/** What the plan leaves in the output folder for whoever reads the output later. */

import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../../files.ts';
import type { Sampling } from '../engine.ts';

export const runNotesFile = 'tsung.json';

/** `requestName`: what requests are called where their own names are not known. */
const schema = z.object({
  requests: z.enum(['each', 'overall', 'intervals']),
  requestName: z.string(),
});

export type RunNotes = Readonly<{ requests: Sampling['requests']; requestName: string }>;

export function parseRunNotes(text: string): RunNotes {
  return schema.parse(JSON.parse(text));
}

/** Output that another hand made has no notes: then each row is a request. */
export async function readRunNotes(outputDir: string): Promise<RunNotes> {
  const text = await readIfThere(join(outputDir, runNotesFile));
  if (text === undefined) return { requests: 'each', requestName: 'request' };
  return parseRunNotes(text);
}
