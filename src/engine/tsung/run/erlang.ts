/**
 * The Erlang modules that run inside Tsung, compiled: those of a package when it is installed,
 * those of a checkout when they are first needed.
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, OnagerError } from '../../../errors.ts';
import { execAtStart } from '../../../exec.ts';
import { isThere } from '../../../files/files.ts';
import { erlangRelease, type Install } from './install.ts';

const isPackaged = import.meta.url.endsWith('.js');
const installed = join(import.meta.dirname, 'ebin');
const sources = join(import.meta.dirname, isPackaged ? 'erlang' : '../erlang');
const compiled = join(import.meta.dirname, '../../../../.onager/erlang');

/** Where the sources of each part are, relative to `sources`. */
const parts = { onager: '.', tsung: 'tsung' } as const;

/**
 * The argument of `erl` that puts modules before Tsung's: Onager's own, and, where every request is
 * measured, those that take the place of Tsung's.
 */
export function codePath(modules: string, isMeasured: boolean): string {
  const folders = (isMeasured ? ['onager', 'tsung'] : ['onager']).map((part) =>
    join(modules, part).replaceAll("'", `'\\''`),
  );
  return `-pa '${folders.join("' '")}'`;
}

/** The folder of the compiled modules. Throws `ENGINE_BROKEN`. */
export async function compiledModules(install: Install, signal: AbortSignal): Promise<string> {
  if (isPackaged && isThere(installed)) return installed;
  const files = await sourceFiles();
  const folder = isPackaged ? installed : join(compiled, await hashOf(files, install));
  if (isThere(folder)) return folder;
  // Another process may be compiling, too: a folder appears whole.
  const draft = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await compile(files, draft, { install, signal });
    await rename(draft, folder);
  } catch (error) {
    if (unwritable.some((code) => hasCode(error, code))) {
      const remedy = isPackaged ? 'install it again: dpkg-reconfigure onager' : 'make it writable';
      throw broken(`${folder} is missing, and cannot be made`, remedy);
    }
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

const unwritable = ['EACCES', 'EPERM', 'EROFS'];

type SourceFile = Readonly<{ part: string; path: string }>;

async function sourceFiles(): Promise<readonly SourceFile[]> {
  const found = await Promise.all(
    Object.entries(parts).map(async ([part, folder]) => {
      const names = (await readdir(join(sources, folder))).filter((name) => name.endsWith('.erl'));
      return names.toSorted().map((name) => ({ part, path: join(sources, folder, name) }));
    }),
  );
  return found.flat();
}

async function hashOf(files: readonly SourceFile[], install: Install): Promise<string> {
  const hash = createHash('sha256').update(await erlangRelease(install));
  for (const { path } of files) hash.update(path).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}

async function compile(
  files: readonly SourceFile[],
  into: string,
  { install, signal }: Readonly<{ install: Install; signal: AbortSignal }>,
): Promise<void> {
  for (const part of Object.keys(parts)) {
    const folder = join(into, part);
    await mkdir(folder, { recursive: true });
    const paths = files.filter((file) => file.part === part).map(({ path }) => path);
    const end = await execAtStart(join(dirname(install.erl), 'erlc'), {
      // Newer releases would have `try` in its place, which is four times as long.
      args: ['+nowarn_deprecated_catch', '-o', folder, ...paths],
      signal,
    });
    if (!end.ok) throw broken(`erlc cannot compile Onager's modules: ${end.stderr || end.stdout}`);
  }
}

const reinstall = 'install it again: apt-get install --reinstall erlang-base';

function broken(message: string, hint = reinstall): OnagerError {
  return new OnagerError('ENGINE_BROKEN', message.trim(), { hint });
}
