/** Reads Tsung's DTD: its elements, and what each may contain. */

import { readIfThere } from '../../../files/files.ts';

/** Says, for people, what a value belongs to. */
export const manual = 'http://tsung.erlang-projects.org/user_manual/';

/**
 * `isToken`: a single word, around which blanks do not count. `choices`: the only words allowed.
 */
type AttributeRule = Readonly<{
  isRequired: boolean;
  isToken: boolean;
  choices?: readonly string[];
}>;

/** `content`: the model as written, such as `(session+)`, `EMPTY` or `(#PCDATA)`. */
export type ElementRule = Readonly<{
  content: string;
  attributes: ReadonlyMap<string, AttributeRule>;
}>;
export type DtdRules = ReadonlyMap<string, ElementRule>;

const declaration = /<!--[\s\S]*?-->|<!(ELEMENT|ATTLIST)\s+([\w.-]+)\s([^>]*)>/g;
const attribute = /([\w:.-]+)\s+(CDATA|[A-Z]+|\([^)]*\))\s+(#\w+|"[^"]*"|'[^']*')/g;

/** Empty where there is no DTD. */
export async function readDtdRules(path: string): Promise<DtdRules> {
  const text = (await readIfThere(path)) ?? '';
  const contents = new Map<string, string>();
  const attributes = new Map<string, Map<string, AttributeRule>>();
  for (const [, kind, element = '', rest = ''] of text.matchAll(declaration)) {
    if (kind === 'ELEMENT') contents.set(element, evenly(rest));
    if (kind !== 'ATTLIST') continue;
    const its = attributes.get(element) ?? new Map<string, AttributeRule>();
    for (const [, name = '', type = '', usual = ''] of rest.matchAll(attribute)) {
      if (!its.has(name)) its.set(name, attributeRule(type, usual));
    }
    attributes.set(element, its);
  }
  return new Map(
    [...contents].map(([name, content]) => [
      name,
      { content, attributes: attributes.get(name) ?? new Map() },
    ]),
  );
}

function attributeRule(type: string, usual: string): AttributeRule {
  return {
    isRequired: usual === '#REQUIRED',
    isToken: type !== 'CDATA',
    ...(type.startsWith('(') ? { choices: type.slice(1, -1).split('|').map(trimmed) } : {}),
  };
}

function trimmed(word: string): string {
  return word.trim();
}

function evenly(model: string): string {
  return model.replace(/\s+/g, '').replaceAll(',', ', ').replaceAll('|', ' | ');
}
