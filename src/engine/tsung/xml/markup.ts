/** Splits XML text into its coarse parts, without checking them. */

type Markup = Readonly<{
  kind: 'text' | 'tag' | 'comment' | 'cdata' | 'instruction' | 'doctype';
  start: number;
  end: number;
}>;

/**
 * The parts in their order; together they are the whole text. A part that never closes reaches to
 * the end.
 */
export function* markup(text: string): Generator<Markup> {
  for (let at = 0; at < text.length; ) {
    const part = partAt(text, at);
    yield part;
    at = part.end;
  }
}

function partAt(text: string, start: number): Markup {
  const until = (kind: Markup['kind'], closing: string, from: number): Markup => {
    const found = text.indexOf(closing, from);
    return { kind, start, end: found === -1 ? text.length : found + closing.length };
  };
  if (text[start] !== '<') {
    const found = text.indexOf('<', start);
    return { kind: 'text', start, end: found === -1 ? text.length : found };
  }
  if (text.startsWith('<!--', start)) return until('comment', '-->', start + 4);
  if (text.startsWith('<![CDATA[', start)) return until('cdata', ']]>', start + 9);
  if (text.startsWith('<?', start)) return until('instruction', '?>', start + 2);
  if (text.startsWith('<!DOCTYPE', start)) {
    return { kind: 'doctype', start, end: declarationEnd(text, start) };
  }
  return { kind: 'tag', start, end: tagEnd(text, start) };
}

/** The offset after the first `>` outside quotes. */
function tagEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '>') return at + 1;
    if (character === '"' || character === "'") {
      const closing = text.indexOf(character, at + 1);
      if (closing === -1) return text.length;
      at = closing;
    }
  }
  return text.length;
}

/** The offset after a DOCTYPE, whose internal subset may hold quotes, comments and instructions. */
function declarationEnd(text: string, start: number): number {
  let isInSubset = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '[') isInSubset = true;
    else if (character === ']') isInSubset = false;
    else if (character === '>' && !isInSubset) return at + 1;
    else {
      const skipped = endOfSkipped(text, at);
      if (skipped === -1) return text.length;
      at = skipped;
    }
  }
  return text.length;
}

/**
 * The last character of the quoted text, comment or instruction that begins at `at`; `at` itself if
 * none begins there, -1 if it never ends.
 */
function endOfSkipped(text: string, at: number): number {
  const through = (closing: string, from: number): number => {
    const found = text.indexOf(closing, from);
    return found === -1 ? -1 : found + closing.length - 1;
  };
  if (text.startsWith('<!--', at)) return through('-->', at + 4);
  if (text.startsWith('<?', at)) return through('?>', at + 2);
  const character = text[at];
  if (character === '"' || character === "'") return through(character, at + 1);
  return at;
}
