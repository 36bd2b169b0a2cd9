/** The engine's own report, made within its time limit. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeNativeReport } from '../../../../../src/engine/tsung/run/native-report.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

it('is given up in words when its time is over, and at once when the run is', async () => {
  const root = await temporaryFolder('native');
  const [bin, log] = [join(root, 'bin'), join(root, 'tsung', '20260101-0000')];
  await mkdir(bin);
  await mkdir(log, { recursive: true });
  await writeFile(join(bin, 'tsung_stats.pl'), 'sleep 60;');
  await writeFile(join(log, 'tsung.log'), '# stats: dump at 1\n');
  const install = { script: '', dtd: '', version: '', installDir: root, erl: '' };
  const output = { dir: root, hasEnded: async () => true };
  const made = (signal: AbortSignal): Promise<string> =>
    makeNativeReport(install, output, join(root, 'native'), signal);
  await expect(made(AbortSignal.timeout(300))).rejects.toMatchObject({
    code: 'TSUNG_REPORT',
    message: "tsung's own report was not generated: it did not end in time",
  });
  await expect(made(AbortSignal.abort('over'))).rejects.toBe('over');
});

it('is made without lines of any length', async () => {
  const root = await temporaryFolder('native');
  const [bin, log] = [join(root, 'bin'), join(root, 'tsung', '20260101-0000')];
  await mkdir(bin);
  await mkdir(log, { recursive: true });
  const copy = "my ($log) = grep { /tsung.log/ } @ARGV; rename $log, 'report.html';";
  await writeFile(join(bin, 'tsung_stats.pl'), copy);
  const whole = `stats: ${'a'.repeat(200)} 1 2`;
  // Its first 4,096 characters are not a harmless line on their own either.
  const long = `stats: users 1${' 1'.repeat(8_000_000)}`;
  await writeFile(join(log, 'tsung.log'), `# stats: dump at 1\n${long}\n${whole}\nstats: b 1 1`);
  const install = { script: '', dtd: '', version: '', installDir: root, erl: '' };
  const output = { dir: root, hasEnded: async () => true };
  const into = join(root, 'native');
  const page = await makeNativeReport(install, output, into, AbortSignal.timeout(60_000));
  expect(await readFile(join(into, page), 'utf8')).toBe(
    `# stats: dump at 1\n${whole}\nstats: b 1 1\n`,
  );
});
