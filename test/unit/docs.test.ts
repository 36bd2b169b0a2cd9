/** The documents and the code name the same things: commands, settings, error codes, files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorsPage } from '../../scripts/write-error-docs.ts';
import { commands } from '../../src/commands/cli/commands.ts';
import { errorCodes } from '../../src/errors.ts';
import { phases } from '../../src/run/state.ts';
import { allKeys } from '../../src/settings/schema.ts';
import { summaryOf } from './report/fixture.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const documents = ['.', 'docs', 'examples', 'packer'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
/** Variables of examples, scripts and programs that look like error codes. */
const otherWords = /^(?:TARGET|CHAT|ONAGER|ERL|RUN)_/;

describe('the documents', () => {
  it('docs/errors.md has every code once, and an exit code only where one can come of it', () => {
    const rows = read('docs/errors.md').matchAll(/^\| `(\w+)` \|.*? \|.*? \|(?: (\d+) \|)?$/gm);
    const exits = [...rows].map(([, code = '', exit]) => ({ code, exit }));
    const codes = exits.map(({ code }) => code);
    expect(codes.toSorted()).toEqual(Object.keys(errorCodes).toSorted());
    const withoutExit = exits.filter(({ exit }) => exit === undefined).map(({ code }) => code);
    for (const code of ['VAR_UNUSED', 'SPOT_REBALANCE', 'TARGET_LOOPBACK', 'BUCKET_BUSY']) {
      expect(withoutExit).toContain(code);
    }
    expect(exits.filter(({ exit }) => exit === '0')).toEqual([]);
  });

  it('docs/errors.md is what `node scripts/write-error-docs.ts` writes', () => {
    expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsPage);
  });

  it('docs/settings.md has a row for each setting, and no other', () => {
    const rows = [...read('docs/settings.md').matchAll(/^\| `([a-zA-Z0-9.]+)` \|/gm)].map(
      ([, key]) => key,
    );
    expect(rows.toSorted()).toEqual([...allKeys, 'vars.NAME'].toSorted());
  });

  it('the README shows every command', () => {
    expect(commands.size).toBeGreaterThan(4);
    for (const name of commands.keys()) expect(readme).toContain(`onager ${name}`);
  });

  it("the manual page shows every command of a package, with its options' long names", async () => {
    // A package has no rehearsals, and its units set the options of the two commands that they
    // start.
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

  it.each(documents)('%s: every link to a file of this repository leads somewhere', (name) => {
    const dead = linksOf(name).filter(({ path, anchor }) => {
      if (!existsSync(path)) return true;
      return anchor !== '' && !anchorsOf(path).includes(anchor);
    });
    expect(dead.map(({ text }) => text)).toEqual([]);
  });

  it('the scenario in the README is examples/minimal, with the site named', () => {
    const [, shown = ''] = /```xml\n([\s\S]*?)```/.exec(readme) ?? [];
    const variable = (name: string): string => `"$\{${name}}"`;
    const named = read('examples/minimal/tsung.xml')
      .replace(variable('TARGET_HOST'), '"shop.example.com"')
      .replace(variable('TARGET_PORT'), '"80"');
    expect(shown).toBe(named);
  });

  it('the README links to the other documents', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(15);
  });

  it.each(documents)('%s: every path of this repository that it names is there', (name) => {
    const paths = [...read(name).matchAll(/`((?:src|test|scripts|systemd|infra)\/[^`\s<*…]+)`/g)];
    const missing = paths.flatMap(([, path = '']) => (existsSync(join(root, path)) ? [] : [path]));
    expect(missing).toEqual([]);
  });

  it.each(documents)('%s: every error code that it names is one', (name) => {
    const words = [...read(name).matchAll(/`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)`/g)];
    const unknown = words.flatMap(([, word = '']) =>
      Object.hasOwn(errorCodes, word) || otherWords.test(word) ? [] : [word],
    );
    expect(unknown).toEqual([]);
  });

  it.each(documents)('%s: prose has lines of at most 100 columns', (name) => {
    const prose = read(name).replaceAll(/^```[\s\S]*?^```/gm, '');
    // Tables cannot be wrapped, and neither can one long word.
    const wide = prose
      .split('\n')
      .filter((line) => line.length > 100 && !line.startsWith('|') && /\S\s+\S/.test(line.trim()));
    expect(wide).toEqual([]);
  });

  it('docs/summary.md names every field of a summary, and docs/events.md every event', () => {
    const fields = Object.keys(summaryOf());
    expect(fields.length).toBeGreaterThan(15);
    const page = read('docs/summary.md');
    expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
    const events = [...read('src/web/events.ts').matchAll(/event\('(\w+)'/g)];
    expect(events.length).toBeGreaterThan(2);
    for (const [, name] of events) {
      expect(read('docs/events.md')).toContain(`\n| \`${name}\` |`);
    }
  });

  it('docs/run.md names every phase', () => {
    const page = read('docs/run.md');
    for (const phase of [...phases, 'failed', 'idle']) expect(page).toContain(`\`${phase}\``);
  });

  it('docs/run.md has a row for each member of RunState, and no other', () => {
    const rows = [...read('docs/run.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    const members = [...membersOf('src/run/state.ts', 'RunFacts'), 'phase', 'outcome'];
    expect(members.length).toBeGreaterThan(15);
    expect(rows.toSorted()).toEqual(members.toSorted());
  });

  it.each([
    ['phases', 'src/run/state.ts', 'PhaseRecord'],
    ['awaiting', 'src/run/state.ts', 'Awaited'],
    ['instance', 'src/aws/identity.ts', 'Identity'],
    ['machine', 'src/run/state.ts', 'MachineInfo'],
    ['settings', 'src/settings/settings.ts', 'ShownSetting'],
    ['scenario', 'src/run/state.ts', 'ScenarioInfo'],
    ['engine', 'src/run/state.ts', 'EngineInfo'],
    ['publish', 'src/run/state.ts', 'PublishInfo'],
    ['lifetime', 'src/run/state.ts', 'Lifetime'],
    ['lifetime', 'src/run/state.ts', 'Lifecycle'],
    ['lifetime', 'src/run/state.ts', 'PowerOffInfo'],
  ])('docs/run.md names in the row of `%s` every member that %s gives to %s', (row, file, type) => {
    const lines = read('docs/run.md').split('\n');
    const line = lines.find((text) => text.startsWith(`| \`${row}\` |`)) ?? '';
    const members = membersOf(file, type);
    expect(members.length).toBeGreaterThan(1);
    expect(members.filter((member) => !line.includes(`\`${member}\``))).toEqual([]);
  });
});

type Link = Readonly<{ text: string; path: string; anchor: string }>;

function linksOf(name: string): readonly Link[] {
  const found = read(name).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...found].map(([text, path = '', anchor = '']) => ({
    text,
    path: path === '' ? join(root, name) : join(root, dirname(name), path),
    // GitHub's own: which of two pictures is shown.
    anchor: anchor.startsWith('gh-') ? '' : anchor,
  }));
}

/** As GitHub derives them from headings. */
function anchorsOf(path: string): readonly string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Of an object type: the names before a colon, one level deep. */
function membersOf(file: string, type: string): readonly string[] {
  const [, body = ''] = read(file).split(`export type ${type} = Readonly<{`);
  const own = body.slice(0, body.indexOf('}>;'));
  return [...own.matchAll(/(?:^|;)\s*(\w+)\??: /gm)].map(([, name = '']) => name);
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}
