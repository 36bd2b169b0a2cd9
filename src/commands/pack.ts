/** `onager pack`: a scenario folder becomes a zip that can be launched with. */

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { writeWhole } from '../files.ts';
import { grouped } from '../grouped.ts';
import { sourceUnreadable } from '../rehearsal/user-data-of.ts';
import { maxUserDataBytes, packScenario, settingsForm } from '../scenario/pack.ts';

/** Gives what to tell the user. */
export async function pack(dir: string, output: string | undefined): Promise<string> {
  const zipPath = output ?? `${resolve(dir)}.zip`;
  const { files, skipped, zip } = await packScenario(dir).catch((error: unknown) => {
    throw sourceUnreadable(dir, error);
  });
  await writeWhole(zipPath, zip, { mode: 0o644 });
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
  await writeWhole(settingsPath, settingsForm({ sha256 }), { mode: 0o644 });
  const limit = grouped(maxUserDataBytes);
  return [
    ...lines,
    `That is more than the ${limit} bytes EC2 takes as user-data. Upload the zip to a bucket of yours, put its`,
    `address into ${settingsPath}, and`,
    launch(`file://${settingsPath}`),
    '',
  ].join('\n');
}
