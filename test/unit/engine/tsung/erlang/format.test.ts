/** How the Erlang sources are laid out, for which Debian has no formatter. */

import { describe, expect, it } from 'vitest';
import { filesBelow, read } from '../../../../support/source-tree.ts';

const sources = ['src', 'test'].flatMap(filesBelow).filter((file) => /\.[he]rl$/.test(file));

const rules: Readonly<Record<string, (line: string, before: string) => boolean>> = {
  'has at most a hundred columns': (line) => line.length <= 100,
  'has neither tabs nor blanks at its end': (line) => !line.includes('\t') && !line.endsWith(' '),
  'is indented by four in the body of a clause': (line, before) =>
    !/^\w.*->$/.test(before) || /^ {4}\S/.test(line),
  'comments with two signs': (line) => !/^\s*%($|[^%])/.test(line),
};

describe.each(sources)('%s', (file) => {
  const lines = read(file).split('\n');

  it('says in its first line what it is for, and ends with a whole line', () => {
    expect(lines[0]).toMatch(/^%% [A-Z].{20,}/);
    expect(lines.slice(-2).map((line) => line === '')).toEqual([false, true]);
  });

  it.each(Object.entries(rules))('each line %s', (_, holds) => {
    const wrong = lines.filter((line, at) => !holds(line, lines[at - 1] ?? ''));
    expect(wrong).toEqual([]);
  });
});
