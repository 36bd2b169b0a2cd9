/** Puts a scenario's included files and own entities in their places, so that it is one document that includes nothing. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../errors.ts';
import type { Change, Scenario } from '../engine.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import { findFile } from './find-file.ts';
import { markup } from './markup.ts';
import { createMappedText, lineOf, type MappedText } from './source-map.ts';

/** More than this is no scenario but an attack on the memory ("billion laughs"). */
const maxLength = 64 * 1024 * 1024;
const maxDepth = 16;
const predefined = new Set(['lt', 'gt', 'amp', 'apos', 'quot']);
const reference = /&([^\s#;&<"']+);/g;

/** The text has no DOCTYPE any more: `doctype` is what it said, `doctypeWhere` where. */
export type Expanded = MappedText &
  Readonly<{
    doctype: Doctype;
    doctypeWhere: string;
    problems: readonly Problem[];
    changes: readonly Change[];
  }>;

/** What an entity stands for; `file` is where a reference to it is said to be, when it has no file of its own. */
type Entity = Readonly<{ kind: 'internal' | 'file'; file: string; text: string }>;

export async function expandEntities(scenario: Scenario, text: string): Promise<Expanded> {
  const { entry } = scenario;
  const part = [...markup(text)].find(({ kind }) => kind === 'doctype');
  const doctypeStart = part?.start ?? 0;
  const doctype = parseDoctype(part === undefined ? '' : text.slice(part.start, part.end));
  const doctypeWhere = `${entry}:${lineOf(text, doctypeStart)}`;
  const declared = await readDeclarations(scenario, doctype, (offset) => {
    return `${entry}:${lineOf(text, doctypeStart + offset)}`;
  });
  const { entities, unusable, changes } = declared;
  const problems = [...declared.problems];

  const out = createMappedText(entry);
  let isTooLarge = false;

  /** Copies a range of a file, with what its references stand for. `fixedAt`: all of it is said to stand at this place. */
  function expand(
    source: Source,
    from: number,
    to: number,
    open: readonly string[],
    isInTag: boolean,
  ): void {
    let copied = from;
    reference.lastIndex = 0;
    for (const match of source.text.slice(from, to).matchAll(reference)) {
      const name = match[1] ?? '';
      const at = from + match.index;
      if (predefined.has(name) || isTooLarge) continue;
      copy(source, copied, at);
      copied = at + match[0].length;
      refer(source, at, name, open, isInTag);
    }
    copy(source, copied, to);
  }

  function copy(source: Source, from: number, to: number): void {
    if (out.length() + to - from > maxLength) isTooLarge = true;
    else if (source.fixed === undefined) out.copy(source.file, source.text, from, to);
    else out.put(source.file, source.fixed.text, source.fixed.offset, source.text.slice(from, to));
  }

  function refer(
    source: Source,
    at: number,
    name: string,
    open: readonly string[],
    isInTag: boolean,
  ): void {
    const place = source.fixed ?? { text: source.text, offset: at };
    const where = `${source.file}:${lineOf(place.text, place.offset)}`;
    const known = entities.get(name);
    const message = entityFault(name, known, open, isInTag);
    if (known === undefined || message !== undefined) {
      if (!unusable.has(name) && !problems.some((problem) => problem.where === where)) {
        problems.push({
          code: 'TSUNG_ENTITY',
          message: message ?? `entity "&${name};" is not declared`,
          hint: 'entities are declared in the DOCTYPE: <!DOCTYPE tsung SYSTEM "tsung-1.0.dtd" [<!ENTITY name SYSTEM "file.xml">]>; "&" itself is written "&amp;"',
          where,
        });
      }
      return;
    }
    const inner: Source =
      known.kind === 'file'
        ? { file: known.file, text: known.text }
        : {
            file: source.file,
            // In a tag the text may end its own quotes.
            text: isInTag ? known.text.replaceAll('"', '&quot;') : known.text,
            fixed: place,
          };
    expandAll(inner, [...open, name], isInTag);
  }

  function expandAll(source: Source, open: readonly string[], isInTag: boolean): void {
    if (isInTag) {
      expand(source, 0, source.text.length, open, true);
      return;
    }
    for (const { kind, start, end } of markup(source.text)) {
      if (kind === 'text' || kind === 'tag') expand(source, start, end, open, kind === 'tag');
      else if (kind !== 'doctype') copy(source, start, end);
    }
  }

  expandAll({ file: entry, text }, [], false);
  if (isTooLarge) {
    problems.push({
      code: 'TSUNG_ENTITY',
      message: `the scenario's entities grow to more than ${maxLength / 1024 ** 2} MiB`,
      hint: 'an entity that stands for many others is an attack known as "billion laughs"; write shorter entities',
      where: entry,
    });
  }
  return { ...out.build(), doctype, doctypeWhere, problems, changes };
}

type Declarations = Readonly<{
  entities: ReadonlyMap<string, Entity>;
  /** Names whose declaration is a problem of its own. */
  unusable: ReadonlySet<string>;
  problems: readonly Problem[];
  changes: readonly Change[];
}>;

async function readDeclarations(
  scenario: Scenario,
  doctype: Doctype,
  whereOf: (offset: number) => string,
): Promise<Declarations> {
  const entities = new Map<string, Entity>();
  const unusable = new Set<string>();
  const problems: Problem[] = [];
  const changes: Change[] = [];
  for (const { name, offset, isParameter, value } of doctype.entities) {
    const where = whereOf(offset);
    // The first declaration of a name counts: https://www.w3.org/TR/xml/#sec-entity-decl
    if (entities.has(name) || unusable.has(name)) continue;
    if (isParameter) {
      problems.push({
        code: 'TSUNG_ENTITY',
        message: `parameter entity "%${name};" is not supported`,
        hint: 'write what it stands for in its place',
        where,
      });
    } else if (value.kind === 'internal') {
      entities.set(name, { kind: 'internal', file: scenario.entry, text: value.text });
    } else {
      const included = await include(scenario, value.path, where);
      if ('problem' in included) {
        unusable.add(name);
        problems.push(included.problem);
        continue;
      }
      entities.set(name, { kind: 'file', ...included });
      changes.push({
        what: `the content of "${included.file}" stands in the place of "&${name};"`,
        why: 'the scenario is one file that includes nothing when it runs',
        where,
      });
    }
  }
  return { entities, unusable, problems, changes };
}

/** A text with references in it. `fixed`: the place in `file` that all of it stands for. */
type Source = Readonly<{
  file: string;
  text: string;
  fixed?: Readonly<{ text: string; offset: number }>;
}>;

function entityFault(
  name: string,
  known: Entity | undefined,
  open: readonly string[],
  isInTag: boolean,
): string | undefined {
  if (open.includes(name)) return `entity "&${name};" contains itself`;
  if (open.length >= maxDepth) return `entity "&${name};" is nested deeper than ${maxDepth}`;
  if (isInTag && known?.kind === 'file')
    return `a file, "&${name};", cannot be part of an attribute`;
  if (isInTag && known?.text.includes('<') === true) {
    return `entity "&${name};" contains "<" and cannot be part of an attribute`;
  }
  return undefined;
}

async function include(
  scenario: Scenario,
  path: string,
  where: string,
): Promise<Readonly<{ file: string; text: string }> | Readonly<{ problem: Problem }>> {
  const found = findFile(path, scenario.files, scenario.entry);
  if (found.kind !== 'found') return { problem: fileProblem(found, path, where) };
  const bytes = await readFile(join(scenario.dir, found.file));
  const text = decodeXml(bytes);
  // A file that is included may open with a text declaration, which has no place within a document.
  return { file: found.file, text: text.replace(/^<\?xml\b[\s\S]*?\?>/, blank) };
}

/** Words for a file that is not where the scenario says. */
export function fileProblem(
  found: Readonly<{ kind: 'missing' } | { kind: 'ambiguous'; files: readonly string[] }>,
  path: string,
  where: string,
): Problem {
  if (found.kind === 'missing') {
    return {
      code: 'TSUNG_FILE_MISSING',
      message: `file "${path}" is not in the scenario`,
      hint: 'put it into the zip; it is found by its path or by its name alone',
      where,
    };
  }
  return {
    code: 'TSUNG_FILE_AMBIGUOUS',
    message: `file "${path}" could be ${found.files.join(' or ')}`,
    hint: 'write the path as it is in the zip',
    where,
  };
}

/** Keeps line numbers. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** Text of an XML file by its byte order mark or its declaration; UTF-8 where it has neither. */
export function decodeXml(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const label =
    /^(?:ï»¿)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (error) {
    // An encoding nobody knows: the text is judged as UTF-8, and Tsung will never see the label.
    if (error instanceof RangeError) return new TextDecoder().decode(bytes);
    throw error;
  }
}
