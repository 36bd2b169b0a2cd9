/** `onager pack`: a scenario folder or file becomes a zip that can be launched with. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OnagerError } from '../errors.ts';
import { writeWhole } from '../files/files.ts';
import { readSource, refuseEmpty, sourceUnreadable } from '../scenario/launch-input.ts';
import {
  maxUserDataBytes,
  type Packed,
  packScenario,
  packXml,
  settingsForm,
} from '../scenario/pack.ts';
import { formatInteger } from '../text.ts';
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
    `${zipPath}: ${isPacked ? '' : `${files.length} file${files.length === 1 ? '' : 's'}, `}${formatInteger(zip.byteLength)} bytes`,
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
    if (stats.isDirectory()) return { ...(await packScenario(source, signal)), isPacked: false };
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

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, content, { mode: 0o644 });
  } catch (error) {
    throw outputInWords(path, error);
  }
}
