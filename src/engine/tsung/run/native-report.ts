/** Runs Tsung's own script, which turns tsung.log into its HTML report. */

import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OnagerError } from '../../../errors.ts';
import { exec } from '../../../exec.ts';
import { type Opened, openUntrusted } from '../../../files/untrusted-file.ts';
import type { EngineOutput } from '../../engine.ts';
import { findLogFolder } from '../output/log-folder.ts';
import type { Install } from './install.ts';

const page = 'report.html';
const maxLogBytes = 512 * 1024 ** 2;
/** Longer than any harmless line. */
const maxLineLength = 4_096;

/**
 * What Tsung itself writes: a time, or a name with numbers. The script puts names into file names,
 * HTML and Gnuplot programs as they are, and Gnuplot runs what is in backquotes: a line forged by
 * the engine's user must not reach it.
 */
const harmless =
  /^(?:# stats: dump at \d{1,15}|stats: (?:[\p{L}\p{N}_@.:-]{1,200}|\{[\w:]{1,100},"[\w@.:-]{1,300}"\}) [-+\d.e ]{1,300})$/u;

/**
 * The script writes next to the log that it reads, so it gets a copy, and only its output is kept.
 * The caller limits its time.
 */
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
  await copyHarmless(join(folder, 'tsung.log'), join(into, 'tsung.log'));
  const { stderr, words } = await exec('perl', {
    args: [script, '--stats', join(into, 'tsung.log')],
    cwd: into,
    env: { HOME: into },
    maxBytes: 1024 * 1024,
    signal,
  }).catch((cause: unknown) => {
    throw isTimeout(cause) ? failed('it did not end in time') : cause;
  });
  if (!(await readdir(into)).includes(page)) {
    throw failed(reasonOf(stderr) ?? (words || 'it produced no page'));
  }
  await rm(join(into, 'tsung.log'), { force: true });
  return page;
}

async function copyHarmless(from: string, to: string): Promise<void> {
  const opened = await openUntrusted(from);
  if (opened === undefined) throw failed('tsung wrote no log');
  const { bytes, handle } = opened;
  async function* kept(): AsyncGenerator<string> {
    for await (const line of linesOf(handle)) if (harmless.test(line)) yield `${line}\n`;
  }
  try {
    if (bytes > maxLogBytes) throw failed(`its log has ${bytes} bytes`);
    await pipeline(Readable.from(kept()), createWriteStream(to));
  } finally {
    await handle.close();
  }
}

/**
 * A line of any length takes little memory: it is cut, and is then still too long to be harmless.
 */
async function* linesOf(handle: Opened['handle']): AsyncGenerator<string> {
  let carry = '';
  for await (const piece of handle.createReadStream({ encoding: 'utf8', autoClose: false })) {
    const lines = `${carry}${piece}`.split('\n');
    carry = (lines.pop() ?? '').slice(0, maxLineLength);
    yield* lines;
  }
  yield carry;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function reasonOf(stderr: string): string | undefined {
  const module = /Can't locate (\S+)\.pm in @INC/.exec(stderr)?.[1]?.replaceAll('/', '::');
  if (module !== undefined) return `the Perl module ${module} is not installed`;
  return stderr.trim().split('\n').at(-1)?.slice(0, 300) || undefined;
}

function failed(reason: string): OnagerError {
  return new OnagerError('TSUNG_REPORT', `tsung's own report was not generated: ${reason}`, {
    hint: 'apt-get install --reinstall tsung libtemplate-perl gnuplot-nox; the report of Onager does not need it',
  });
}
