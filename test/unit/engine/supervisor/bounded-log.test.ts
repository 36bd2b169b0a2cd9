/** An engine's output is kept up to a limit, and is read to the end. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, it } from 'vitest';
import { keepBounded } from '../../../../src/engine/supervisor/bounded-log.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('log');
});

const words = (...parts: string[]): Readable =>
  Readable.from(parts.map((part) => Buffer.from(part)));

it.each([
  [['one ', 'two'], 'one two'],
  [[], ''],
  [['123456789'], '123456789'],
  [
    ['12345', '67890', 'more', 'and more'],
    '1234567890\n[onager: only the first 10 bytes are kept]\n',
  ],
  [['a line that is too long'], 'a line tha\n[onager: only the first 10 bytes are kept]\n'],
])('of %j this is kept: %j', async (parts, kept) => {
  const path = join(dir, 'stdout.log');
  await keepBounded(words(...parts), path, 10);
  expect(await readFile(path, 'utf8')).toBe(kept);
});

it('reads on where nothing can be kept, so that the engine never waits', async () => {
  const stream = words('one', 'two');
  await keepBounded(stream, join(dir, 'no', 'such', 'folder'), 10);
  expect(stream.readableEnded).toBe(true);
});
