/** What the preparation came to, kept for a restart: settings with their secrets, the scenario, the engine. Never published. */

import { readIfThere, writeWhole } from '../files/files.ts';
import type { Settings } from '../settings/settings.ts';
import type { ScenarioInfo } from './state.ts';

export type Resolved = Readonly<{
  version: 1;
  settings: Settings;
  scenario: ScenarioInfo;
  engine: string;
}>;

export async function writeResolved(path: string, resolved: Resolved): Promise<void> {
  await writeWhole(path, JSON.stringify(resolved), { mode: 0o600 });
}

/** What an earlier process of this run prepared; undefined where it did not come that far, or the file is broken. */
export async function readResolved(path: string): Promise<Resolved | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isResolved(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// Written whole by this program and never edited: the version tells.
function isResolved(value: unknown): value is Resolved {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
}
