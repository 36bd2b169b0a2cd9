/** Looks into the files that users take lines from: is there a line, and has it enough columns? */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../../errors.ts';
import { quote } from '../../../../text.ts';
import { createFindFile } from '../../scenario/find-file.ts';
import type { Prepared } from '../../scenario/prepare.ts';
import { descendants, type Element } from '../../xml/tree.ts';

/** A file is looked at up to here. */
const startBytes = 256 * 1024;

type Files = Pick<Prepared, 'root' | 'scenario' | 'where'>;

/** `lines`: the first ones, whole. */
type DataFile = Readonly<{ option: Element; path: string; lines: readonly string[] }>;

/** A file that is missing is told elsewhere. */
export async function dataFileFindings(
  prepared: Files,
): Promise<Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }>> {
  const files = await dataFiles(prepared);
  return {
    problems: [...files.values()].flatMap((file) => emptyProblem(file, prepared)),
    warnings: descendants(prepared.root, 'setdynvars').flatMap((source) => {
      const file = files.get(source.attribute('fileid') ?? 'none');
      const isFile = source.attribute('sourcetype') === 'file';
      return file === undefined || !isFile ? [] : columnWarning(source, file, prepared);
    }),
  };
}

/** By their ids. As Tsung does, the first of an id is taken. */
async function dataFiles({ root, scenario }: Files): Promise<ReadonlyMap<string, DataFile>> {
  const findFile = createFindFile(scenario);
  const files = new Map<string, DataFile>();
  for (const option of descendants(root, 'option')) {
    if (option.attribute('name') !== 'file_server') continue;
    const id = option.attribute('id') ?? 'default';
    const path = option.attribute('value') ?? '';
    const found = findFile(path);
    if (found.kind !== 'found' || files.has(id)) continue;
    files.set(id, { option, path, lines: await firstLines(join(scenario.dir, found.file)) });
  }
  return files;
}

/** As Tsung reads lines: empty ones at the end are none. */
async function firstLines(path: string): Promise<readonly string[]> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
  const lines = buffer.toString('latin1', 0, bytesRead).split('\n');
  // The last one may go on behind what was read.
  if (bytesRead === startBytes) return lines.slice(0, -1);
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

/** Every user that asks for a line of it dies, and the server of all files with it. */
function emptyProblem({ lines, option, path }: DataFile, { where }: Files): readonly Problem[] {
  if (lines.some((line) => line.trim() !== '')) return [];
  return [
    {
      code: 'TSUNG_FILE_EMPTY',
      message: `file ${quote(path)} has no line`,
      hint: 'write a line for each user into it, or look at the program that should have',
      where: where(option.start),
    },
  ];
}

/** Variables beyond the columns are empty. */
function columnWarning(
  source: Element,
  { lines, path }: DataFile,
  { where }: Files,
): readonly Problem[] {
  const delimiter = source.attribute('delimiter') ?? ';';
  const variables = descendants(source, 'var').length;
  const at = lines.findIndex((line) => columnsOf(line, delimiter) < variables);
  const line = lines[at];
  if (line === undefined || lines.every((one) => one.trim() === '')) return [];
  const columns = columnsOf(line, delimiter);
  const has = `${columns} column${columns === 1 ? '' : 's'}`;
  const between = `delimiter ${quote(delimiter)}`;
  return [
    {
      code: 'TSUNG_COLUMNS',
      message: `line ${at + 1} of ${quote(path)} has ${has} by the ${between}, for ${variables} variables`,
      hint: hintFor(line, variables),
      where: where(source.start),
    },
  ];
}

function columnsOf(line: string, delimiter: string): number {
  return delimiter === '' ? 1 : line.split(delimiter).length;
}

function hintFor(line: string, variables: number): string {
  const likely = [';', ',', '\t', '|', ':', ' '].find((one) => columnsOf(line, one) >= variables);
  if (likely === undefined) return 'variables without a column are empty: complete the line';
  const written = likely === '\t' ? '&#9;' : likely;
  return `its columns seem to be separated otherwise: write delimiter="${written}"`;
}
