/** README and code name the same things: commands, settings, error codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../scripts/write-error-docs.ts';
import { commands } from '../../src/commands/cli/commands.ts';
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

  it('the README shows every command', () => {
    expect(commands.size).toBeGreaterThan(4);
    for (const name of commands.keys()) expect(readme).toContain(`onager ${name}`);
  });

  it("the manual page shows every command of a package, with its options' long names", async () => {
    // A package has no rehearsals, and its units give the options of the two that they start.
    const manual = readFileSync(join(root, 'packaging/onager.1'), 'utf8').replaceAll('\\-', '-');
    for (const name of ['check', 'pack', 'report', 'agent', 'engine']) {
      expect(manual).toContain(`.B onager ${name}`);
    }
    for (const name of ['check', 'pack', 'report']) {
      const { command } = (await commands.get(name)?.()) ?? {};
      for (const [option, { short }] of Object.entries(command?.options ?? {})) {
        expect(manual).toContain(short === undefined ? `--${option}` : `-${short}`);
      }
    }
  });

  it('every link to a file of this repository leads somewhere', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)|src="([^"]+)"/g)];
    expect(links.length).toBeGreaterThan(3);
    for (const [, link, image] of links) {
      expect(() => readFileSync(join(root, link ?? image ?? ''))).not.toThrow(/ENOENT/);
    }
  });
});
