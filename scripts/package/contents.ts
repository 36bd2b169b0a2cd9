/** What the package installs, and where. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bundle } from './bundle.ts';
import type { NodeRuntime } from './node.ts';

/**
 * `path` has no leading slash. A file is copied `from` elsewhere, or has the given `content`, or is
 * a link `to` a place.
 */
export type Entry = Readonly<{ path: string; mode?: number }> &
  (
    | Readonly<{ from: string }>
    | Readonly<{ content: string | Uint8Array }>
    | Readonly<{ to: string }>
  );

const home = 'usr/lib/onager';
const doc = 'usr/share/doc/onager';

export async function contents({
  root,
  bundled,
  node,
  version,
  epochSeconds,
}: {
  root: string;
  bundled: Bundle;
  node: NodeRuntime;
  version: string;
  epochSeconds: number;
}): Promise<readonly Entry[]> {
  const packaging = (name: string): string => join(root, 'packaging', name);
  const systemd = (name: string): string => join(root, 'systemd', name);
  const filled = async (name: string): Promise<string> =>
    (await readFile(packaging(name), 'utf8'))
      .replaceAll('{{version}}', version)
      .replaceAll('{{date}}', rfc5322(epochSeconds));
  const units = (await readdir(join(root, 'systemd'))).filter((name) =>
    /\.(?:service|socket|timer)$/.test(name),
  );
  const erlang = join(root, 'src/engine/tsung/erlang');
  const modules = (await readdir(erlang, { recursive: true })).filter((name) =>
    name.endsWith('.erl'),
  );
  const dropIn = 'usr/lib/systemd/system/cloud-init';
  return [
    ...bundled.files.map(({ name, code }) => ({ path: `${home}/${name}`, content: code })),
    // Spares Node.js the search for what kind of modules these are.
    { path: `${home}/package.json`, content: '{ "type": "commonjs" }\n' },
    { path: `${home}/node`, from: node.binary, mode: 0o755 },
    { path: `${home}/page.html`, from: join(root, 'dist/page.html') },
    ...modules
      .toSorted()
      .map((name) => ({ path: `${home}/erlang/${name}`, from: join(erlang, name) })),
    { path: `${home}/engine-wall.nft`, from: packaging('engine-wall.nft') },
    { path: `${home}/cloud-init/handler.py`, from: packaging('cloud-init/handler.py') },
    { path: `${home}/cloud-init/sitecustomize.py`, from: packaging('cloud-init/sitecustomize.py') },
    // The stage that reads user-data has had three names; a drop-in for a missing unit does
    // nothing.
    ...['', '-network', '-main'].map((stage) => ({
      path: `${dropIn}${stage}.service.d/onager.conf`,
      from: packaging('cloud-init/onager.conf'),
    })),
    { path: 'usr/bin/onager', from: packaging('onager'), mode: 0o755 },
    { path: 'etc/onager/onager.yaml', from: packaging('onager.yaml') },
    ...units.map((name) => ({ path: `usr/lib/systemd/system/${name}`, from: systemd(name) })),
    { path: 'usr/lib/systemd/system/epmd.socket.d/onager.conf', from: systemd('onager.epmd') },
    { path: 'usr/lib/sysusers.d/onager.conf', from: systemd('onager.sysusers') },
    { path: 'usr/lib/tmpfiles.d/onager.conf', from: systemd('onager.tmpfiles') },
    { path: 'usr/lib/sysctl.d/60-onager.conf', from: systemd('onager.sysctl') },
    { path: 'usr/share/polkit-1/rules.d/50-onager.rules', from: packaging('50-onager.rules') },
    { path: 'usr/share/man/man1/onager.1.gz', content: gzip(await filled('onager.1')) },
    { path: `${doc}/copyright`, content: copyright(bundled) },
    { path: `${doc}/changelog.gz`, content: gzip(await filled('changelog')) },
    { path: `${doc}/node-licence.gz`, content: gzip(await readFile(node.licence, 'utf8')) },
    { path: 'usr/share/lintian/overrides/onager', from: packaging('lintian-overrides') },
  ];
}

function copyright({ packages }: Bundle): string {
  const parts = packages.map(
    ({ name, version, licence, text }) =>
      `${'-'.repeat(78)}\n${name} ${version} (${licence})\n\n${text}\n`,
  );
  return `Onager is under the Apache License 2.0; its text is in
/usr/share/common-licenses/Apache-2.0.

Copyright: the Onager authors

/usr/lib/onager/node is Node.js, under the licences in node-licence.gz beside
this file. The other files there hold the following packages from npm.

${parts.join('\n')}`;
}

// No file name and no time in its head (gzip -n), so that the same text gives the same bytes.
function gzip(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

function rfc5322(epochSeconds: number): string {
  return new Date(epochSeconds * 1_000).toUTCString().replace('GMT', '+0000');
}
