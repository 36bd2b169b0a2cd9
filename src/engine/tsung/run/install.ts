/** Where Tsung is installed on this machine, and which version of it. */

import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnagerError } from '../../../errors.ts';
import { readIfThere } from '../../../files/files.ts';

export type Install = Readonly<{
  script: string;
  dtd: string;
  version: string;
  /** Holds `bin/tsung_stats.pl` and the applications' folders; differs between architectures. */
  installDir: string;
  erl: string;
}>;

/**
 * A daemon has no PATH of its own to search: these are the places Debian and `make install` use.
 */
const scripts = ['/usr/bin/tsung', '/usr/local/bin/tsung'];

/** Throws `ENGINE_MISSING`. */
export async function findInstall(candidates: readonly string[] = scripts): Promise<Install> {
  for (const script of candidates) {
    const text = await readIfThere(script);
    if (text === undefined) continue;
    const variable = (name: string): string =>
      new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    return {
      script,
      dtd: join(dirname(dirname(script)), 'share', 'tsung', 'tsung-1.0.dtd'),
      version: variable('VERSION'),
      installDir: variable('INSTALL_DIR'),
      erl: variable('ERL'),
    };
  }
  throw new OnagerError('ENGINE_MISSING', 'tsung is not installed', {
    hint: 'apt-get install tsung (Debian 12, Ubuntu 24.04), or build it from source (Debian 13)',
    where: candidates.join(', '),
  });
}

/** The folders of the modules that Tsung puts before Erlang's own. */
export function codeFolders({ installDir, version }: Install): readonly string[] {
  return ['tsung', 'tsung_controller'].map((application) =>
    join(installDir, `${application}-${version}`, 'ebin'),
  );
}

/**
 * The protocols that a session's type can be (`ts_http`, …): those Tsung can both configure and
 * speak.
 */
export async function sessionTypes(install: Install): Promise<ReadonlySet<string>> {
  const [speaking = [], configuring = []] = await Promise.all(
    codeFolders(install).map(async (folder) =>
      (await readdir(folder)).map((file) => file.replace(/\.beam$/, '')),
    ),
  );
  // WebDAV is written as HTTP and has no configuration module of its own.
  const configuredBy = (name: string): string =>
    name === 'ts_webdav' ? 'ts_config_http' : name.replace(/^ts_/, 'ts_config_');
  return new Set(speaking.filter((name) => configuring.includes(configuredBy(name))));
}

/**
 * OTP's release, such as `25.2.3`; read from its files, because starting Erlang to ask takes a
 * second.
 */
export async function erlangRelease(install: Install): Promise<string> {
  for (const root of ['/usr/lib/erlang', '/usr/local/lib/erlang', dirname(dirname(install.erl))]) {
    const started = await readIfThere(join(root, 'releases', 'start_erl.data'));
    const release = started?.trim().split(/\s+/)[1];
    if (release === undefined) continue;
    const exact = await readIfThere(join(root, 'releases', release, 'OTP_VERSION'));
    return `OTP ${exact?.trim() ?? release}`;
  }
  return 'OTP (release unknown)';
}
