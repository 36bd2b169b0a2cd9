/** The result of the preparation, for a restart. Holds secrets, so it is never published. */

import { readIfThere, writeWhole } from '../files/files.ts';
import { object, oneOf, parseWithSchema, type Schema, text } from '../schema.ts';
import type { Settings } from '../settings/settings.ts';
import { settingsSchema } from '../settings/settings-schema.ts';
import type { ScenarioInfo } from './state.ts';
import { scenarioSchema } from './state-schema.ts';

export type Resolved = Readonly<{
  version: 1;
  settings: Settings;
  scenario: ScenarioInfo;
  engine: string;
}>;

const resolvedSchema: Schema<Resolved> = object({
  version: oneOf(1),
  settings: settingsSchema,
  scenario: scenarioSchema,
  engine: text(),
});

export async function writeResolved(path: string, resolved: Resolved): Promise<void> {
  await writeWhole(path, JSON.stringify(resolved), { mode: 0o600 });
}

/**
 * What an earlier process of this run prepared; undefined if it did not get that far, or the file
 * is broken. Another version of Onager may have written it, so unknown fields are kept.
 */
export async function readResolved(path: string): Promise<Resolved | undefined> {
  const json = await readIfThere(path);
  if (json === undefined) return undefined;
  try {
    return parseWithSchema(resolvedSchema, json, { unknownFields: 'kept' });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
