/** `onager pack`: a scenario folder or file becomes a zip that can be launched with. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { detectEngine } from '../engine/registry.ts';
import { OnagerError } from '../errors.ts';
import { writeWhole } from '../files/files.ts';
import { readStart } from '../scenario/folder.ts';
import { readSource, refuseEmpty, sourceUnreadable } from '../scenario/launch-input.ts';
import {
  maxUserDataBytes,
  type Packed,
  packScenario,
  packXml,
  settingsForm,
} from '../scenario/pack.ts';
import { readScenarioSettings } from '../scenario/settings-file.ts';
import { mergeSettings } from '../settings/merge.ts';
import { counted, formatInteger } from '../text.ts';
import { firstText, isXml } from '../user-data/xml-and-text.ts';
import { isZip } from '../user-data/zip.ts';
import { outputInWords } from './output.ts';

/** Gives what to tell the user. */
export async function pack(
  source: string,
  { output, signal }: Readonly<{ output: string | undefined; signal: AbortSignal }>,
): Promise<string> {
  const { files, skipped, zip, isPacked } = await packed(source, signal);
  const zipPath = output ?? (isPacked ? resolve(source) : `${resolve(source)}.zip`);
  if (output !== undefined || !isPacked) await write(zipPath, zip);
  const lines = [
    ...skipped.map(({ path, why }) => `left out: ${path} (${why})`),
    `${zipPath}: ${isPacked ? '' : `${counted(files.length, 'file')}, `}${formatInteger(zip.byteLength)} bytes`,
  ];
  const launch = (userData: string): string =>
    `launch with: aws ec2 run-instances … --user-data ${userData}`;
  if (zip.byteLength <= maxUserDataBytes)
    return [...lines, launch(`fileb://${zipPath}`), ''].join('\n');

  const settingsPath = `${zipPath}.onager.yaml`;
  const sha256 = createHash('sha256').update(zip).digest('hex');
  await write(settingsPath, settingsForm({ sha256 }));
  const limit = formatInteger(maxUserDataBytes);
  return [
    ...lines,
    `That is more than the ${limit} bytes EC2 takes as user-data. Upload the zip to a bucket of yours, put its`,
    `address into ${settingsPath}, and`,
    launch(`file://${settingsPath}`),
    '',
  ].join('\n');
}

/** `isPacked`: it is a zip already. */
async function packed(
  source: string,
  signal: AbortSignal,
): Promise<Packed & Readonly<{ isPacked: boolean }>> {
  try {
    const stats = await stat(source);
    if (stats.isDirectory()) {
      const scenario = await packScenario(source, signal);
      await refuseWithoutEntry(source, scenario);
      return { ...scenario, isPacked: false };
    }
    const bytes = stats.isFile() ? await readSource(source) : Buffer.alloc(0);
    if (stats.isFile()) refuseEmpty(source, bytes);
    if (isZip(bytes)) return { zip: bytes, files: [], skipped: [], isPacked: true };
    if (isXml(firstText(bytes))) {
      return { ...(await packXml(source, bytes, signal)), isPacked: false };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceUnreadable(source, error);
  }
  throw new OnagerError('SOURCE_UNREADABLE', `"${source}" is neither a folder nor XML nor a zip`, {
    hint: 'name the folder the scenario lies in, or its one file',
  });
}

/**
 * No instance could fire a folder without a file to start from.
 *
 * @throws OnagerError ENTRY_MISSING, ENTRY_AMBIGUOUS, ENGINE_UNKNOWN, as `onager check` gives them
 */
async function refuseWithoutEntry(dir: string, { files }: Pick<Packed, 'files'>): Promise<void> {
  const text = await readScenarioSettings(dir);
  const sources = text === undefined ? [] : [{ source: 'onager.yaml', text }];
  const { settings } = mergeSettings(sources, { isComplete: false });
  await detectEngine(files, (file) => readStart(join(dir, file)), settings);
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, content, { mode: 0o644 });
  } catch (error) {
    throw outputInWords(path, error);
  }
}
