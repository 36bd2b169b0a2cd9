/** Has Tsung's own script turn tsung.log into its HTML report. */

import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OnagerError } from '../../errors.ts';
import type { EngineOutput } from '../engine.ts';
import type { Install } from './install.ts';
import { findLogFolder } from './log-folder.ts';
import { runTool } from './tool.ts';

const timeoutMs = 300_000;
const page = 'report.html';

/** The script writes beside the log it reads: it is given a copy, and only what it made is kept. */
export async function makeNativeReport(
  install: Install,
  output: EngineOutput,
  into: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = await findLogFolder(output.dir);
  if (folder === undefined) throw failed('tsung wrote no log');
  const script = join(install.installDir, 'bin', 'tsung_stats.pl');
  await mkdir(into, { recursive: true });
  await cp(join(folder, 'tsung.log'), join(into, 'tsung.log'));
  const { failure, stderr } = await runTool('perl', {
    args: [script, '--stats', join(into, 'tsung.log')],
    cwd: into,
    env: { HOME: into },
    timeoutMs,
    maxBytes: 1024 * 1024,
    signal,
  });
  if (!(await readdir(into)).includes(page)) {
    throw failed(reasonOf(stderr) ?? failure?.reason ?? 'it made no page');
  }
  await rm(join(into, 'tsung.log'), { force: true });
  return page;
}

function reasonOf(stderr: string): string | undefined {
  const module = /Can't locate (\S+)\.pm in @INC/.exec(stderr)?.[1]?.replaceAll('/', '::');
  if (module !== undefined) return `the Perl module ${module} is not installed`;
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) || undefined;
}

function failed(reason: string): OnagerError {
  return new OnagerError('TSUNG_REPORT', `tsung's own report was not made: ${reason}`, {
    hint: 'apt-get install --reinstall tsung libtemplate-perl gnuplot-nox; the report of Onager does not need it',
  });
}
