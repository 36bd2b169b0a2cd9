/** `onager pack`: a scenario folder becomes a zip that can be launched with. */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OnagerError } from '../errors.ts';
import { writeWhole } from '../files.ts';
import { grouped } from '../grouped.ts';
import { sourceUnreadable } from '../rehearsal/user-data-of.ts';
import { maxUserDataBytes, type Packed, packScenario, settingsForm } from '../scenario/pack.ts';
import { outputInWords } from './output.ts';

/** Gives what to tell the user. */
export async function pack(
  dir: string,
  { output, signal }: Readonly<{ output: string | undefined; signal: AbortSignal }>,
): Promise<string> {
  const zipPath = output ?? `${resolve(dir)}.zip`;
  const { files, skipped, zip } = await packed(dir, signal);
  await write(zipPath, zip);
  const lines = [
    ...skipped.map(({ path, why }) => `left out: ${path} (${why})`),
    `${zipPath}: ${files.length} files, ${grouped(zip.byteLength)} bytes`,
  ];
  const launch = (userData: string): string =>
    `launch with: aws ec2 run-instances … --user-data ${userData}`;
  if (zip.byteLength <= maxUserDataBytes)
    return [...lines, launch(`fileb://${zipPath}`), ''].join('\n');

  const settingsPath = `${zipPath}.onager.yaml`;
  const sha256 = createHash('sha256').update(zip).digest('hex');
  await write(settingsPath, settingsForm({ sha256 }));
  const limit = grouped(maxUserDataBytes);
  return [
    ...lines,
    `That is more than the ${limit} bytes EC2 takes as user-data. Upload the zip to a bucket of yours, put its`,
    `address into ${settingsPath}, and`,
    launch(`file://${settingsPath}`),
    '',
  ].join('\n');
}

async function packed(dir: string, signal: AbortSignal): Promise<Packed> {
  try {
    if ((await stat(dir)).isDirectory()) return await packScenario(dir, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw sourceUnreadable(dir, error);
  }
  throw new OnagerError('SOURCE_UNREADABLE', `"${dir}" is a file, and pack takes a folder`, {
    hint: 'name the folder the scenario lies in; onager check takes a file as it is',
  });
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, content, { mode: 0o644 });
  } catch (error) {
    throw outputInWords(path, error);
  }
}
