/** Splits YAML settings into single settings, each with its place. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import type { ErrorCode, Problem } from '../errors.ts';
import { quote } from '../text.ts';
import {
  badVariableName,
  hasVariableName,
  isSetting,
  isVariable,
  noValue,
  type RawSetting,
  type RawSettings,
  type RawText,
  splitList,
  unknownHint,
} from './raw.ts';
import { isSection, joinedKey, listKey } from './schema.ts';
import { harmlessFaults, maxFaults, maxLength, tooLong, yamlProblem } from './yaml-problems.ts';

/** What one walk through a document has found so far, and how it names places. */
type Findings = Readonly<{
  settings: RawSetting[];
  problems: Problem[];
  place(node: unknown): string;
}>;

/** Scalars keep the text they were written with: `010` stays `010`. */
export function parseSettings(text: string, source: string): RawSettings {
  if (text.length > maxLength) return { settings: [], problems: [tooLong(text.length, source)] };
  const lineCounter = new LineCounter();
  // `failsafe`: every scalar is a string. `prettyErrors` would quote lines, and with them keys.
  const document = parseDocument(text, {
    schema: 'failsafe',
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    // The library compares every key with all keys before it.
    uniqueKeys: false,
    lineCounter,
  });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${source}:${line}:${col}`;
  };
  const { errors, warnings } = document;
  const faults = [...errors, ...duplicates(document), ...warnings].slice(0, maxFaults);
  const problems = faults.map((fault) => yamlProblem(fault, at(fault.pos[0]), text));
  if (faults.some(({ code }) => !harmlessFaults.has(code))) return { settings: [], problems };
  const findings: Findings = {
    settings: [],
    problems,
    place: (node) => (hasRange(node) ? at(node.range[0]) : source),
  };
  const { contents } = document;
  if (isMap(contents)) walk(contents, '', findings);
  else if (contents !== null && !isBlank(contents)) {
    const hint = 'write lines such as `lifetime: 2h`';
    add(findings, contents, 'SETTINGS_SHAPE', 'the settings are not a map', hint);
  }
  return findings;
}

/** An error for each duplicate key of a map, in the form the library itself would give. */
function duplicates(document: Document.Parsed): readonly YAMLParseError[] {
  const faults: YAMLParseError[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || !hasRange(key)) continue;
        const [start, end] = key.range;
        if (seen.has(key.value))
          faults.push(new YAMLParseError([start, end], 'DUPLICATE_KEY', 'Map keys must be unique'));
        seen.add(key.value);
      }
    },
  });
  return faults;
}

function walk(map: YAMLMap, prefix: string, findings: Findings): void {
  for (const { key: name, value } of map.items) {
    if (!isScalar(name)) continue; // `stringKeys` has rejected all others
    const key = `${prefix}${String(name.value)}`;
    if (isAlias(value)) {
      const hint = 'write the value again instead of *…';
      add(findings, value, 'SETTINGS_ALIAS', `${quote(key)} is an alias`, hint);
    } else if (prefix === '' && isSection(key)) {
      section(key, value, findings);
    } else if (isSetting(key) && (prefix !== '' || !key.includes('.'))) {
      setting(key, name, value, findings);
    } else {
      const message = `there is no setting ${quote(key)}`;
      add(findings, name, 'SETTINGS_UNKNOWN', message, unknownHint(key));
    }
  }
}

function section(key: string, value: unknown, findings: Findings): void {
  if (isMap(value)) walk(value, `${key}.`, findings);
  else if (!isBlank(value)) {
    const hint = `write \`${key}: { … }\`, or its settings on the lines below, indented`;
    add(findings, value, 'SETTINGS_SHAPE', `${key} is not a map`, hint);
  }
}

function setting(key: string, name: unknown, value: unknown, findings: Findings): void {
  const where = findings.place(name);
  if (isVariable(key) && !hasVariableName(key)) {
    findings.problems.push(badVariableName(key, where));
  } else if (isBlank(value)) {
    findings.problems.push(noValue(key, where));
  } else if (isScalar(value)) {
    const texts = key === listKey ? splitList(String(value.value)) : [String(value.value)];
    const place = findings.place(value);
    findings.settings.push({
      key,
      where: place,
      texts: texts.map((text) => ({ text, where: place })),
    });
  } else if (isSeq(value) && lists[key] !== undefined) {
    const items = listItems(key, value.items, findings);
    findings.settings.push(...listSettings(key, where, { items, all: value.items.length }));
  } else {
    const hint = lists[key] ?? 'it takes a single value, not a list or a map';
    const what = isSeq(value) ? 'a list' : 'a map';
    add(findings, value, 'SETTINGS_SHAPE', `${key} is ${what}`, hint);
  }
}

/** The rules of a list are read one by one; one text is wrong if an item of it is. */
function listSettings(
  key: string,
  where: string,
  { items, all }: Readonly<{ items: readonly RawText[]; all: number }>,
): readonly RawSetting[] {
  if (key !== joinedKey) return [{ key, where, texts: items }];
  const text = items.map((item) => item.text).join(', ');
  return items.length < all ? [] : [{ key, where, texts: [{ text, where }] }];
}

/** What to write for those that may be lists. */
const lists: Readonly<Record<string, string>> = {
  [listKey]: 'write a list: `slo: [ "p95 < 300ms" ]`',
  [joinedKey]: 'write a list: `peers: [ 10.0.0.4, 10.0.0.5 ]`',
};

function listItems(key: string, items: readonly unknown[], findings: Findings): readonly RawText[] {
  return items.flatMap((item) => {
    if (isScalar(item) && !isBlank(item)) {
      return [{ text: String(item.value), where: findings.place(item) }];
    }
    const hint = 'quote the item: in YAML `a: b` is a map, and `[a, b]` a list';
    add(findings, item, 'SETTINGS_SHAPE', `an item of ${key} is not text`, hint);
    return [];
  });
}

function add(
  { problems, place }: Findings,
  node: unknown,
  code: ErrorCode,
  message: string,
  hint: string,
): void {
  problems.push({ code, message, hint, where: place(node) });
}

/** `key:` with nothing after it, which is not the same as `key: ""`. */
function isBlank(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === '' && node.type === 'PLAIN');
}

function hasRange(node: unknown): node is Readonly<{ range: NonNullable<Node['range']> }> {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
