/** Makes a shorter or weaker load of a scenario's own, for a trial. */

import type { Problem } from '../../../errors.ts';
import type { LoadOverride } from '../../../settings/settings.ts';
import { counted } from '../../../text.ts';
import { applyEdits, type Edit, offsetsBefore, setAttribute } from '../xml/edits.ts';
import { descendants, type Element, parseTree } from '../xml/tree.ts';
import { number, readLoad, sessionNamesOf } from './load.ts';
import type { Prepared } from './prepare.ts';

/**
 * The scenario with that load, and a warning that says so. `prepared`: without problems. What is
 * wrong with its load stays wrong, and is told as that.
 */
export function shortened(prepared: Prepared, override: LoadOverride): Prepared {
  const load = loadOf(prepared.root);
  if (load === undefined) return prepared;
  const edits = [...cutEdits(load, override), ...scaleEdits(load, override)];
  const unscaled = unscaledWarnings(load, override);
  if (edits.length === 0 && unscaled.length === 0) return prepared;
  if (edits.length === 0) return { ...prepared, warnings: [...prepared.warnings, ...unscaled] };
  const text = applyEdits(prepared.text, edits);
  const before = offsetsBefore(prepared.text, edits);
  const root = parseTree(text);
  return {
    ...prepared,
    text,
    root,
    where: (offset) => prepared.where(before(offset)),
    warnings: [...prepared.warnings, shortenedWarning(prepared.root, root), ...unscaled],
  };
}

function loadOf(root: Element): Element | undefined {
  return root.children.find(({ name }) => name === 'load');
}

/** The end that `<load duration>` sets, unless the scenario's own comes first. */
function cutEdits(load: Element, { durationMs }: LoadOverride): readonly Edit[] {
  if (durationMs === undefined) return [];
  const { cutMs = Number.POSITIVE_INFINITY } = readLoad(load, []);
  const seconds = Math.max(1, Math.round(durationMs / 1000));
  if (cutMs <= seconds * 1000) return [];
  return replaced(load, { duration: `${seconds}`, unit: 'second' });
}

/** Fewer users in the same time: each phase keeps its length, and its share of the users. */
function scaleEdits(load: Element, { scale = 1 }: LoadOverride): readonly Edit[] {
  if (scale === 1) return [];
  return descendants(load, 'users').flatMap((users) => {
    const rate = number(users.attribute('arrivalrate'));
    const gap = number(users.attribute('interarrival'));
    const most = users.attribute('maxnumber') ?? '';
    return replaced(users, {
      ...(rate === undefined ? {} : { arrivalrate: decimal(rate * scale) }),
      ...(gap === undefined ? {} : { interarrival: decimal(gap / scale) }),
      ...(/^\d+$/.test(most) && Number(most) > 0
        ? { maxnumber: `${Math.max(1, Math.round(Number(most) * scale))}` }
        : {}),
    });
  });
}

/** New attributes all begin at one place, where edits must not overlap: they are one edit. */
function replaced(element: Element, values: Readonly<Record<string, string>>): readonly Edit[] {
  const edits = Object.entries(values).map(([name, value]) => setAttribute(element, name, value));
  const [added, changed] = [
    edits.filter(({ start, end }) => start === end),
    edits.filter(({ start, end }) => start !== end),
  ];
  const [first] = added;
  if (first === undefined) return changed;
  return [...changed, { ...first, text: added.map(({ text }) => text).join('') }];
}

/** As Erlang reads numbers: an exponent only after a fraction. */
function decimal(value: number): string {
  return value >= 1e-6 && value < 1e15 ? value.toFixed(9) : value.toExponential(9);
}

function shortenedWarning(planned: Element, now: Element): Problem {
  return {
    code: 'LOAD_SHORTENED',
    message: `shortened trial: ${loadInWords(now)}; the scenario plans ${loadInWords(planned)}`,
    hint: 'its figures are not those of the whole load: leave out load.duration and load.scale (--duration, --rate) for that',
  };
}

/** Of users that the scenario starts one by one there is no share. */
function unscaledWarnings(load: Element, { scale = 1 }: LoadOverride): readonly Problem[] {
  const count = load.children.filter(({ name }) => name === 'user').length;
  if (scale === 1 || count === 0) return [];
  const share = `${Number((scale * 100).toPrecision(6))}%`;
  return [
    {
      code: 'LOAD_UNSCALED',
      message: `load.scale of ${share} does not make fewer of what ${counted(count, '<user> element')} ${count === 1 ? 'starts' : 'start'}`,
      hint: 'leave <user> elements out for a weaker trial, or end it earlier with load.duration (--duration)',
    },
  ];
}

function loadInWords(root: Element): string {
  const load = loadOf(root) ?? root;
  const { cutMs, durationMs, phases, users } = readLoad(load, sessionNamesOf(root));
  const peak = Math.max(0, ...phases.map(({ arrivalRate = 0 }) => arrivalRate));
  return [
    `${counted(users, 'user')} in ${durationMs / 1000} s`,
    ...(peak > 0
      ? [
          `at most ${peak === 1 ? '1 new user' : `${Number(peak.toPrecision(3))} new users`} a second`,
        ]
      : []),
    ...(cutMs === undefined ? [] : [`ended after ${cutMs / 1000} s`]),
  ].join(', ');
}
