/** Common mistakes on the command line are reported as mistakes, never as a bug in Onager. */

import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('mistakes');
  await mkdir(join(dir, 'shop'));
  await writeFile(join(dir, 'shop/tsung.xml'), '<tsung/>');
  spawnSync('mkfifo', [join(dir, 'fifo')]);
});

it.each([
  ['engine nope', 'SOURCE_MISSING: there is no plan "nope"'],
  ['engine shop', 'SOURCE_UNREADABLE: cannot read the plan "shop"'],
  ['pack shop -o nowhere/shop.zip', 'OUT_INVALID: nowhere/shop.zip cannot be written to'],
  ['pack shop -o shop', 'OUT_INVALID: shop cannot be written to'],
  ['pack shop -o shop/tsung.xml/x.zip', 'OUT_INVALID: shop/tsung.xml/x.zip cannot be written to'],
  ['pack fifo', 'SOURCE_UNREADABLE: "fifo" is neither a folder nor XML nor a zip'],
  ['pack nope', 'SOURCE_MISSING: there is no file or folder "nope"'],
  ['chek shop', 'USAGE: unknown command "chek"\n  did you mean check? see onager --help'],
  ['frobnicate', 'USAGE: unknown command "frobnicate"\n  see onager --help'],
  [
    'check shop --jsn',
    'USAGE: unknown option "--jsn"\n  did you mean --json? see onager check --help',
  ],
  ['check shop -x', 'USAGE: unknown option "-x"\n  see onager check --help'],
  ['check', 'USAGE: FILE|DIR is missing\n  see onager check --help'],
  ['rehearse shop --rate 5', '\n  see onager rehearse --help'],
  ['check fifo', 'SOURCE_UNREADABLE: "fifo" is neither a file nor a folder'],
  [
    'rehearse shop --port -1',
    'USAGE: "-1" looks like an option: if it is the value of --port, write --port=-1',
  ],
])('onager %s', (args, words) => {
  const command = [join(root, 'src/cli.ts'), ...args.split(' ')];
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/node'), command, {
    cwd: dir,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toMatch(/^\S+: .+\n {2}\S.+\n$/);
  expect(stderr).toContain(words);
  expect(status).toBe(64);
});
