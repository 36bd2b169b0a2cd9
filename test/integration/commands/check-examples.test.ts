/** Every example in the repository is right as it is. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { check } from '../../../src/commands/check.ts';

const examples = join(import.meta.dirname, '../../../examples');
const entries = await readdir(examples, { withFileTypes: true });
/** `ci` holds a job, not a scenario. */
const names = entries.flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'ci' ? [entry.name] : [],
);
/** The storefront names its target nowhere, so that a launch without one is refused. */
const vars = { TARGET_HOST: '127.0.0.1', TARGET_PORT: '8080' };

it.each(names)('examples/%s is right', async (name) => {
  const result = await check(join(examples, name), {
    vars: name === 'storefront' ? vars : {},
    signal: new AbortController().signal,
  });
  expect(result.problems).toEqual([]);
  expect(result.warnings.map(({ code }) => code)).toEqual(['TARGET_LOOPBACK']);
  expect(result).toMatchObject({
    ok: true,
    engine: 'tsung',
    entry: 'tsung.xml',
    launch: name === 'over-16k' ? 's3' : 'user-data',
  });
});

it('there are the five of the table in examples/README.md', () => {
  expect(names.toSorted()).toEqual(['login', 'minimal', 'over-16k', 'storefront', 'websocket']);
});
