/** resolved.json comes back after a restart; a file that cannot be used counts as not there. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readResolved, writeResolved } from '../../../src/run/resolved.ts';
import { mergeSettings } from '../../../src/settings/merge.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const everySetting = `
scenario: { from: s3://bucket/shop.zip, sha256: ${'a'.repeat(64)} }
engine: tsung
entry: shop.xml
vars: { host: shop.example.test }
limits: { duration: 5m }
slo: ['p95 < 1s over 10s', 'transaction(buy).errors < 1%', 'throughput > 10/s', 'max < 2s']
report: { access: a-long-enough-key-1234567890 }
publish: { to: s3://results/runs }
after: { action: stop }
`;

async function resolvedOf(text: string) {
  const { settings, problems } = mergeSettings([{ source: 'user-data', text }]);
  expect(problems).toEqual([]);
  if (settings === undefined) throw new Error('there are no settings');
  const scenario = { name: 'shop', form: 'zip', sha256: 'ab', bytes: 1, files: 1 };
  const path = join(await temporaryFolder('resolved'), 'resolved.json');
  return { path, resolved: { version: 1, settings, scenario, engine: 'tsung' } as const };
}

it.each([
  ['the defaults', ''],
  ['every setting', everySetting],
  ['a public page', 'report: { access: public }'],
])('comes back as it was written: %s', async (_, text) => {
  const { path, resolved } = await resolvedOf(text);
  await writeResolved(path, resolved);
  expect(await readResolved(path)).toEqual(resolved);
});

it('keeps fields that another version added', async () => {
  const { path, resolved } = await resolvedOf('');
  const newer = { ...resolved, settings: { ...resolved.settings, more: 1 } };
  await writeFile(path, JSON.stringify(newer));
  expect(await readResolved(path)).toEqual(newer);
});

it('is not there, torn, of another version, or without what its readers need', async () => {
  const { path, resolved } = await resolvedOf('');
  expect(await readResolved(path)).toBeUndefined();
  await writeResolved(path, resolved);
  const whole = await readFile(path, 'utf8');
  const { settings: _, ...unset } = resolved;
  for (const text of [
    whole.slice(0, -5),
    JSON.stringify({ ...resolved, version: 2 }),
    JSON.stringify(unset),
    JSON.stringify({ ...resolved, settings: { ...resolved.settings, slo: ['p95 < 1s'] } }),
  ]) {
    await writeFile(path, text);
    expect(await readResolved(path)).toBeUndefined();
  }
});
