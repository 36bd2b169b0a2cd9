/** The image's build and the package agree on what starts on its own. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

it('the build of the image fails unless every unit that the package enables is enabled', () => {
  const [, enabled = ''] = /^units='(.*)'$/m.exec(read('packaging/postinst')) ?? [];
  const [, verified = ''] =
    /^for unit in (.*); do\n {2}check systemctl is-enabled/m.exec(
      read('packer/scripts/80-verify.sh'),
    ) ?? [];
  expect(enabled.split(' ')).toContain('onager-wall.service');
  expect(verified.split(' ').toSorted()).toEqual(enabled.split(' ').toSorted());
});

it('neither the package nor the build of the image asks for xmllint, which Onager does not use', () => {
  expect(read('packaging/control')).not.toContain('libxml2-utils');
  expect(read('packer/scripts/80-verify.sh')).not.toContain('xmllint');
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
