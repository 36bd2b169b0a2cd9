/** Looks into the files that users take lines from: is there a line, and has it enough columns? */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../../errors.ts';
import { counted, quote } from '../../../../text.ts';
import { createFindFile } from '../../scenario/find-file.ts';
import type { Prepared } from '../../scenario/prepare.ts';
import { descendants, type Element } from '../../xml/tree.ts';

/** A file is looked at up to here. */
const startBytes = 256 * 1024;

type Files = Pick<Prepared, 'root' | 'scenario' | 'where'>;

/** `uses`: where it is named, and by which id. */
type DataFile = Readonly<{
  path: string;
  uses: readonly Readonly<{ id: string; option: Element }>[];
}>;

/** A file that is missing is told elsewhere. */
export async function dataFileFindings(
  prepared: Files,
): Promise<Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }>> {
  const { root, scenario } = prepared;
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const sources = Map.groupBy(
    descendants(root, 'setdynvars').filter((one) => one.attribute('sourcetype') === 'file'),
    (one) => one.attribute('fileid') ?? 'none',
  );
  // One after the other: together they may be larger than the memory.
  for (const { path, uses } of dataFiles(prepared)) {
    const lines = await firstLines(join(scenario.dir, path));
    if (lines.every((line) => line.trim() === '')) {
      problems.push(...uses.map(({ option }) => emptyProblem(option, prepared)));
      continue;
    }
    const shortLine = createShortLine(lines);
    const its = uses.flatMap(({ id }) => sources.get(id) ?? []);
    warnings.push(...its.flatMap((source) => columnWarning(source, shortLine, { path, prepared })));
  }
  return { problems, warnings };
}

/** As Tsung does, the first of an id is taken. */
function dataFiles({ root, scenario }: Files): readonly DataFile[] {
  const findFile = createFindFile(scenario);
  const ids = new Set<string>();
  const uses = descendants(root, 'option').flatMap((option) => {
    if (option.attribute('name') !== 'file_server') return [];
    const id = option.attribute('id') ?? 'default';
    const found = findFile(option.attribute('value') ?? '');
    if (found.kind !== 'found' || ids.has(id)) return [];
    ids.add(id);
    return [{ path: found.file, id, option }];
  });
  return [...Map.groupBy(uses, ({ path }) => path)].map(([path, its]) => ({ path, uses: its }));
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
function emptyProblem(option: Element, { where }: Files): Problem {
  return {
    code: 'TSUNG_FILE_EMPTY',
    message: `file ${quote(option.attribute('value') ?? '')} has no line`,
    hint: 'write a line for each user into it, or look at the program that should have',
    where: where(option.start),
  };
}

type ShortLine = (
  delimiter: string,
  columns: number,
) => Readonly<{ line: string; number: number }> | undefined;

/** Gives the first line with fewer columns. */
function createShortLine(lines: readonly string[]): ShortLine {
  const known = new Map<string, ReturnType<ShortLine>>();
  return (delimiter, columns) => {
    const key = `${columns} ${delimiter}`;
    if (known.has(key)) return known.get(key);
    const at = lines.findIndex((line) => columnsOf(line, delimiter) < columns);
    const line = lines[at];
    const found = line === undefined ? undefined : { line, number: at + 1 };
    known.set(key, found);
    return found;
  };
}

/** Variables beyond the columns are empty. */
function columnWarning(
  source: Element,
  shortLine: ShortLine,
  { path, prepared: { where } }: Readonly<{ path: string; prepared: Files }>,
): readonly Problem[] {
  const delimiter = source.attribute('delimiter') ?? ';';
  const variables = descendants(source, 'var').length;
  const short = shortLine(delimiter, variables);
  if (short === undefined) return [];
  const columns = columnsOf(short.line, delimiter);
  const has = counted(columns, 'column');
  const between = `delimiter ${quote(delimiter)}`;
  return [
    {
      code: 'TSUNG_COLUMNS',
      message: `line ${short.number} of ${quote(path)} has ${has} by the ${between}, for ${counted(variables, 'variable')}`,
      hint: hintFor(short.line, variables),
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
