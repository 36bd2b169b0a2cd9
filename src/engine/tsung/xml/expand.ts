/** Replaces a scenario's entities, including those for files, so that it is one document. */

import type { Problem } from '../../../errors.ts';
import { formatInteger } from '../../../text.ts';
import type { Change, Scenario } from '../../engine.ts';
import { type Doctype, parseDoctype } from './doctype.ts';
import { type Entity, readDeclarations } from './entities.ts';
import { markup } from './markup.ts';
import { createMappedText, type MappedText } from './source-map.ts';

/** A longer text is not a scenario but an attack on the memory ("billion laughs"). */
const maxLength = 64 * 1024 * 1024;
/** References are limited as well, since those to empty entities add no length. */
const maxReferences = 1_000_000;
const maxDepth = 16;
const predefined = new Set(['lt', 'gt', 'amp', 'apos', 'quot']);
const reference = /&([^\s#;&<"']+);/g;

/** The text without its DOCTYPE, which is `doctype`, from `doctypeWhere`. */
export type Expanded = MappedText &
  Readonly<{
    doctype: Doctype;
    doctypeWhere: string;
    problems: readonly Problem[];
    changes: readonly Change[];
  }>;

export async function expandEntities(scenario: Scenario, text: string): Promise<Expanded> {
  const { entry } = scenario;
  const out = createMappedText(entry);
  const part = [...markup(text)].find(({ kind }) => kind === 'doctype');
  const doctypeStart = part?.start ?? 0;
  const doctype = parseDoctype(part === undefined ? '' : text.slice(part.start, part.end));
  const doctypeWhere = out.placeOf(entry, text, doctypeStart);
  const declared = await readDeclarations(scenario, doctype, (offset) =>
    out.placeOf(entry, text, doctypeStart + offset),
  );
  const { entities, unusable, changes } = declared;
  const problems = [...declared.problems];
  const told = new Set(problems.map(({ where }) => where));
  let references = 0;
  let isTooLarge = false;

  /** Copies a range of a source, with its references replaced. */
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
      references += 1;
      if (references > maxReferences) isTooLarge = true;
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
    const known = entities.get(name);
    const message = entityProblem(name, known, open, isInTag);
    if (known === undefined || message !== undefined) {
      const where = out.placeOf(source.file, place.text, place.offset);
      if (!unusable.has(name) && !told.has(where)) {
        told.add(where);
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
            // In a tag, a quote in the text could end the attribute.
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
      message: `the scenario's entities expand to more than ${maxLength / 1024 ** 2} MiB, or ${formatInteger(maxReferences)} references`,
      hint: 'an entity that stands for many others is an attack known as "billion laughs"; write shorter entities',
      where: entry,
    });
  }
  return { ...out.build(), doctype, doctypeWhere, problems, changes };
}

/** A text with references in it. `fixed`: the one place in `file` that all of it stands for. */
type Source = Readonly<{
  file: string;
  text: string;
  fixed?: Readonly<{ text: string; offset: number }>;
}>;

function entityProblem(
  name: string,
  known: Entity | undefined,
  open: readonly string[],
  isInTag: boolean,
): string | undefined {
  if (open.includes(name)) return `entity "&${name};" contains itself`;
  if (open.length >= maxDepth) return `entity "&${name};" is nested deeper than ${maxDepth}`;
  if (isInTag && known?.kind === 'file')
    return `"&${name};" is a file, and cannot be part of an attribute`;
  if (isInTag && known?.text.includes('<') === true) {
    return `entity "&${name};" contains "<", and cannot be part of an attribute`;
  }
  return undefined;
}
