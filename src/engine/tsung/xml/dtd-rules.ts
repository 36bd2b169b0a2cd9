/**
 * What Tsung's DTD says of each element: which attributes are single words, and what may stand in
 * it.
 */

import { readIfThere } from '../../../files/files.ts';

/** `content`: the model as written, such as `(session+)`, `EMPTY` or `(#PCDATA)`. */
type ElementRule = Readonly<{ tokens: ReadonlySet<string>; content: string }>;
export type DtdRules = ReadonlyMap<string, ElementRule>;

const declaration = /<!--[\s\S]*?-->|<!(ELEMENT|ATTLIST)\s+([\w.-]+)\s([^>]*)>/g;
const attribute = /([\w:.-]+)\s+(CDATA|[A-Z]+|\([^)]*\))\s+(?:#\w+|"[^"]*"|'[^']*')/g;

/** Empty where there is no DTD: xmllint then says so. */
export async function readDtdRules(path: string): Promise<DtdRules> {
  const text = (await readIfThere(path)) ?? '';
  const contents = new Map<string, string>();
  const tokens = new Map<string, Set<string>>();
  for (const [, kind, element = '', rest = ''] of text.matchAll(declaration)) {
    if (kind === 'ELEMENT') contents.set(element, evenly(rest));
    if (kind !== 'ATTLIST') continue;
    const its = tokens.get(element) ?? new Set();
    for (const [, name = '', type] of rest.matchAll(attribute)) if (type !== 'CDATA') its.add(name);
    tokens.set(element, its);
  }
  return new Map(
    [...contents].map(([name, content]) => [
      name,
      { content, tokens: tokens.get(name) ?? new Set() },
    ]),
  );
}

function evenly(model: string): string {
  return model.replace(/\s+/g, '').replaceAll(',', ', ').replaceAll('|', ' | ');
}
