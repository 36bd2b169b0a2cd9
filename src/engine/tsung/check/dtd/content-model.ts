/** Parses a content model of Tsung's DTD, such as `(match*, dyn_variable*, (http | raw))`. */

const elementName = /(?<!#)\b[A-Za-z_][\w.-]*/g;

/** One item of a sequence. */
export type Slot = Readonly<{
  names: ReadonlySet<string>;
  isNeeded: boolean;
  isRepeatable: boolean;
}>;

/** Whether elements of these names, in this order, follow the model. */
export function follows(model: string, names: readonly string[]): boolean {
  return expression(model).test(names.map((name) => `${name} `).join(''));
}

/** The model as an expression of names, each followed by a blank. */
function expression(model: string): RegExp {
  const names = model.match(elementName) ?? [];
  if (model === 'EMPTY' || names.length === 0) return /^$/;
  // Elements between text can come in any order.
  if (model.includes('#PCDATA')) return new RegExp(`^(?:(?:${names.join('|')}) )*$`);
  const groups = model.replace(/\s+/g, '').replaceAll('(', '(?:');
  return new RegExp(`^${groups.replace(/[A-Za-z_][\w.-]*/g, '(?:$& )').replaceAll(',', '')}$`);
}

/** The parts of a model, in sequence. */
export function slotsOf(model: string): readonly Slot[] {
  const inner = /^\((.*)\)([?*+]?)$/s.exec(model.trim());
  if (inner === null) return [];
  const [, body = '', outer = ''] = inner;
  return partsOf(body).map((part) => {
    const own = outer + (/[?*+]$/.exec(part.trim())?.[0] ?? '');
    return {
      names: new Set(part.match(elementName)),
      isNeeded: !/[?*]/.test(own) && !/[?*]/.test(part.replace(/[?*+]\s*$/, '')),
      isRepeatable: /[*+]/.test(own),
    };
  });
}

/** Split at the commas outside parentheses. */
function partsOf(body: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of body) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts;
}
