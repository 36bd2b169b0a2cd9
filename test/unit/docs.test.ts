/** README and code name the same things: commands, settings, error codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../scripts/write-error-docs.ts';
import { usage } from '../../src/commands/arguments.ts';
import { allKeys } from '../../src/settings/schema.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the documents', () => {
  it('docs/errors.md is what `node scripts/write-error-docs.ts` writes', () => {
    expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsPage);
  });

  it('the README has a row for each setting, and no other', () => {
    const rows = [...readme.matchAll(/^\| `([a-zA-Z0-9.]+|vars\.NAME)` \|/gm)].map(
      ([, key]) => key,
    );
    expect(rows.toSorted()).toEqual([...allKeys, 'vars.NAME'].toSorted());
  });

  it('the README shows every command of the usage', () => {
    const commands = [...usage.matchAll(/^ {2}onager (\w+)/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) expect(readme).toContain(`onager ${command}`);
  });

  it('every link to a file of this repository leads somewhere', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)|src="([^"]+)"/g)];
    expect(links.length).toBeGreaterThan(3);
    for (const [, link, image] of links) {
      expect(() => readFileSync(join(root, link ?? image ?? ''))).not.toThrow(/ENOENT/);
    }
  });
});
