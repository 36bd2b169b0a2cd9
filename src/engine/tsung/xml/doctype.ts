/** Reads a DOCTYPE: which DTD it names, and the entities its internal subset declares. */

type EntityDeclaration = Readonly<{
  name: string;
  /** Offset of the declaration in the DOCTYPE's text. */
  offset: number;
  length: number;
  isParameter: boolean;
  value: Readonly<{ kind: 'internal'; text: string }> | Readonly<{ kind: 'file'; path: string }>;
}>;

export type Doctype = Readonly<{
  root: string;
  /** Offset and length of the system identifier in its quotes, if there is one. */
  system?: Readonly<{ offset: number; length: number; value: string }>;
  entities: readonly EntityDeclaration[];
  /** The internal subset without its entities' declarations; empty if it holds nothing else. */
  subset: string;
}>;

const head =
  /^<!DOCTYPE\s+([^\s>[]+)\s*(?:(?:SYSTEM\s*|PUBLIC\s*(?:"[^"]*"|'[^']*')\s*)("[^"]*"|'[^']*'))?\s*/;
const entity =
  /<!--[\s\S]*?(?:-->|$)|<!ENTITY\s+(%\s+)?([^\s"'<>&%]+)\s+(?:("[^"]*"|'[^']*')|(?:SYSTEM\s*|PUBLIC\s*(?:"[^"]*"|'[^']*')\s*)("[^"]*"|'[^']*'))\s*(?:NDATA\s+\S+\s*)?>/g;

export function parseDoctype(text: string): Doctype {
  const start = head.exec(text);
  const root = start?.[1] ?? '';
  const quoted = start?.[2];
  const headLength = start?.[0].length ?? 0;
  const subsetEnd = text.lastIndexOf(']');
  const hasSubset = text[headLength] === '[' && subsetEnd > headLength;
  const subset = hasSubset ? text.slice(headLength + 1, subsetEnd) : '';
  const entities: EntityDeclaration[] = [];
  for (const match of subset.matchAll(entity)) {
    const [whole, percent, name, internal, file] = match;
    if (name === undefined) continue;
    const place = { offset: headLength + 1 + match.index, length: whole.length };
    const value =
      internal === undefined
        ? ({ kind: 'file', path: (file ?? '""').slice(1, -1) } as const)
        : ({ kind: 'internal', text: internal.slice(1, -1) } as const);
    entities.push({ name, ...place, isParameter: percent !== undefined, value });
  }
  const rest = subset.replace(entity, (whole) => (whole.startsWith('<!--') ? whole : ''));
  return {
    root,
    ...(quoted === undefined
      ? {}
      : {
          system: {
            offset: text.indexOf(quoted, '<!DOCTYPE'.length),
            length: quoted.length,
            value: quoted.slice(1, -1),
          },
        }),
    entities,
    subset: rest.trim() === '' ? '' : rest,
  };
}
