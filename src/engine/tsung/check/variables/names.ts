/** Warns of Tsung's variables that are set and never used, or used and never set. */

import type { Problem } from '../../../../errors.ts';
import { nearest } from '../../../../nearest.ts';
import { quote } from '../../../../text.ts';
import type { Prepared } from '../../scenario/prepare.ts';
import { descendants, type Element, withAllBelow } from '../../xml/tree.ts';
import { someOf } from '../some-of.ts';
import { writtenIn } from './written.ts';

/** A variable that Tsung sets itself, for every user. */
const given = 'tsung_userid';

/** Attributes that name a variable without `%%`, by element. */
const namingAttributes: Readonly<Record<string, string>> = {
  if: 'var',
  while: 'var',
  until: 'var',
  foreach: 'in',
  setdynvars: 'from',
};

const setting = ['setdynvars', 'dyn_variable'];
const loops = ['for', 'foreach', 'repeat'];

/** Of a session. Comparing all with all would take too long. */
const maxTold = 50;
const maxCompared = 200;

type Text = Pick<Prepared, 'root' | 'text' | 'where'>;
type Place = Readonly<{ name: string; offset: number }>;

/** A user keeps its variables to itself: they are those of its session. */
export function variableWarnings(prepared: Text): readonly Problem[] {
  const { root } = prepared;
  // Code and bodies in files can use any variable.
  const isWholeKnown = withAllBelow(root).every(
    (element) => !callsCode(element) && element.attribute('contents_from_file') === undefined,
  );
  return descendants(root, 'session').flatMap((session) => {
    const used = usesIn(session, prepared.text);
    return [
      ...(isWholeKnown ? unused(session, used, prepared) : []),
      ...unset(session, used, prepared),
    ];
  });
}

function callsCode(element: Element): boolean {
  return element.attributes.some(
    ({ name, value }) =>
      name === 'callback' || name === 'code' || name.startsWith('apply_to') || /%%\w+:/.test(value),
  );
}

function usesIn(session: Element, text: string): readonly Place[] {
  return withAllBelow(session).flatMap((element) => {
    const written = writtenIn(element, text).flatMap(({ value, offset }) =>
      [...value.matchAll(/%%_([^%\s]+)%%/g)].map(([, name = '']) => ({ name, offset })),
    );
    const attribute = namingAttributes[element.name];
    const named = attribute === undefined ? undefined : element.attribute(attribute);
    return named === undefined ? written : [...written, { name: named, offset: element.start }];
  });
}

/** The variables that one element sets; a loop counts in one. */
function namesSetBy({ attribute, children, name }: Element): readonly string[] {
  if (name === 'setdynvars') return children.map((child) => child.attribute('name') ?? '');
  const own = attribute(name === 'for' ? 'var' : 'name') ?? '';
  return name === 'foreach' ? [own, `${own}_iter`] : [own];
}

/** Of the columns of a line some may be there only for the sake of those behind them. */
function unused(session: Element, used: readonly Place[], { where }: Text): readonly Problem[] {
  const names = new Set(used.map(({ name }) => name));
  return descendants(session, ...setting).flatMap((element) => {
    const its = namesSetBy(element);
    const [first] = its;
    if (first === undefined || its.some((name) => names.has(name))) return [];
    return [
      {
        code: 'TSUNG_VAR_UNUSED',
        message: `nothing in session ${quote(nameOf(session))} uses ${someOf(its.map((name) => quote(name)))}`,
        hint: `write %%_${first}%% where its value belongs, or leave it out`,
        where: where(element.start),
      },
    ];
  });
}

function unset(session: Element, used: readonly Place[], { where }: Text): readonly Problem[] {
  const setters = descendants(session, ...setting, ...loops);
  const names = setters.flatMap(namesSetBy);
  const known = new Set([...names, given]);
  const told = new Set<string>();
  return used.flatMap(({ name, offset }) => {
    if (known.has(name) || told.has(name) || told.size === maxTold) return [];
    told.add(name);
    const meant = nearest(name, names.slice(0, maxCompared));
    return [
      {
        code: 'TSUNG_VAR_UNSET',
        message: `nothing in session ${quote(nameOf(session))} sets the variable ${quote(name)}`,
        hint:
          meant === undefined
            ? 'set it by <setdynvars> or <dyn_variable>: Tsung sends "undefined" in its place'
            : `did you mean "${meant}"? Tsung sends "undefined" in its place`,
        where: where(offset),
      },
    ];
  });
}

function nameOf(session: Element): string {
  return session.attribute('name') ?? '';
}
