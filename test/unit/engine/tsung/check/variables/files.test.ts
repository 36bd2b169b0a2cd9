/** Files that users take lines from. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataFileFindings } from '../../../../../../src/engine/tsung/check/variables/files.ts';
import { parseTree } from '../../../../../../src/engine/tsung/xml/tree.ts';
import { temporaryFolder } from '../../../../../support/temporary.ts';

async function findingsOf(content: string, source: string): Promise<readonly string[]> {
  const dir = await temporaryFolder('data-files');
  await writeFile(join(dir, 'users.csv'), content);
  const text = `<tsung><option name="file_server" id="u" value="users.csv"/>${source}</tsung>`;
  const { problems, warnings } = await dataFileFindings({
    root: parseTree(text),
    scenario: { dir, files: ['users.csv'], entry: 'tsung.xml', vars: {} },
    where: () => '',
  });
  return [...problems, ...warnings].map(
    ({ code, message, hint }) => `${code}: ${message} (${hint})`,
  );
}

const two = (delimiter = '') =>
  `<setdynvars sourcetype="file" fileid="u"${delimiter}><var name="a"/><var name="b"/></setdynvars>`;

it.each(['', '\n', '\n\n\n', ' \r\n\r\n'])('without a line is a problem: %j', async (content) => {
  expect(await findingsOf(content, two())).toEqual([
    'TSUNG_FILE_EMPTY: file "users.csv" has no line (write a line for each user into it, or look at the program that should have)',
  ]);
});

it.each([
  ['a;b\n', ''],
  ['a;b\nc;d', ''],
  ['a;b;more\n\n\n', ''],
  ['a,b\n', ' delimiter=","'],
  ['a\tb\n', ' delimiter="&#9;"'],
])('with a column for each variable is right: %j%s', async (content, delimiter) => {
  expect(await findingsOf(content, two(delimiter))).toEqual([]);
});

it.each([
  [
    'a,b\n',
    '',
    'line 1 of "users.csv" has 1 column by the delimiter ";", for 2 variables',
    'delimiter=","',
  ],
  [
    'a;b\n',
    ' delimiter=","',
    'line 1 of "users.csv" has 1 column by the delimiter ",", for 2 variables',
    'delimiter=";"',
  ],
  [
    'a\tb\n',
    '',
    'line 1 of "users.csv" has 1 column by the delimiter ";", for 2 variables',
    'delimiter="&#9;"',
  ],
  [
    'a;b\nc\nd;e',
    '',
    'line 2 of "users.csv" has 1 column by the delimiter ";", for 2 variables',
    'complete the line',
  ],
  [
    '\na;b\n',
    '',
    'line 1 of "users.csv" has 1 column by the delimiter ";", for 2 variables',
    'complete the line',
  ],
])('with fewer columns is warned of: %j%s', async (content, delimiter, message, hint) => {
  const told = await findingsOf(content, two(delimiter));
  expect(told).toEqual([expect.stringContaining(`TSUNG_COLUMNS: ${message}`)]);
  expect(told[0]).toContain(hint);
});

it('is looked at as far as it is read: a line that goes on behind it is not judged', async () => {
  const line = 'name;mail\n';
  const many = line.repeat(30_000);
  expect(await findingsOf(many, two())).toEqual([]);
});

it('of one variable has any line as its value', async () => {
  const one = '<setdynvars sourcetype="file" fileid="u"><var name="a"/></setdynvars>';
  expect(await findingsOf('a\n', one)).toEqual([]);
});
