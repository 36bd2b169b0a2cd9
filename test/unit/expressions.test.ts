/**
 * No text makes a regular expression of Onager's take longer than in proportion to its length.
 * recheck judges each one, which takes seconds: what it said is kept in judged-expressions.json,
 * and only what is not in there is judged here. After a change: `vitest run --project unit
 * test/unit/expressions.test.ts -u`. The endurance tier judges all of them anew.
 */

import { expect, it } from 'vitest';
import {
  complexityOf,
  type Expression,
  expressionsIn,
  repeatsWithoutEnd,
} from '../support/expressions.ts';
import judgedBefore from './judged-expressions.json' with { type: 'json' };

const ownDtd = "reads Tsung's own DTD, some 400 lines of its package";

/** Expressions that recheck does not call linear, and why they may stay. */
const exceptions: Readonly<Record<string, string>> = {
  '/\\b[a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s"\'<>`]+/gi':
    'at most 31 characters are looked at from each place, and behind :// nothing can fail',
  '/([\\w:.-]+)\\s+(CDATA|[A-Z]+|\\([^)]*\\))\\s+(#\\w+|"[^"]*"|\'[^\']*\')/g': ownDtd,
  '/<!--[\\s\\S]*?-->|<!(ELEMENT|ATTLIST)\\s+([\\w.-]+)\\s([^>]*)>/g': ownDtd,
};

/** Expressions that are put together at run time, which cannot be judged from the source. */
const composed: Readonly<Record<string, string>> = {
  'src/duration.ts': 'five units, over 40 characters at most',
  'src/engine/tsung/check/dtd/content-model.ts':
    "content models of Tsung's own DTD, none repeats a repetition",
  'src/engine/tsung/run/install.ts': 'names of three variables, one line each',
  'src/systemctl.ts': 'names of three properties, one line each',
  'src/user-data/mime-parts.ts': 'an escaped boundary of 70 characters at most, at a line start',
  'src/user-data/mistakes.ts': 'names of settings',
  'src/web/headers.ts': "two elements' names; reads our own page",
};

const all = await expressionsIn('src');
const known = new Map<string, string>(Object.entries(judgedBefore));

it('are linear, each of them', { timeout: 600_000 }, async () => {
  const judged = new Map<string, string>();
  for (const expression of all.filter(repeatsWithoutEnd)) {
    const { source } = expression;
    judged.set(source, known.get(source) ?? (await complexityOf(expression)));
  }
  const list = Object.fromEntries([...judged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await expect(`${JSON.stringify(list, undefined, 2)}\n`).toMatchFileSnapshot(
    'judged-expressions.json',
  );
  const wrong = all.filter(({ source }) => (judged.get(source) ?? 'linear') !== 'linear');
  expect(wrong.filter(({ source }) => exceptions[source] === undefined).map(told)).toEqual([]);
  expect(
    Object.keys(exceptions).filter((source) => !wrong.some((one) => one.source === source)),
  ).toEqual([]);
});

it('are written as literals, but for a few', () => {
  const files = all.filter(({ source }) => source === 'RegExp(…)').map(fileOf);
  expect([...new Set(files)].toSorted()).toEqual(Object.keys(composed));
});

it('are all found', () => {
  expect(all.length).toBeGreaterThan(200);
  expect(all.map(({ source }) => source)).toContain(
    '/^<\\?xml[\\s?]|^<!DOCTYPE\\s+tsung|^<tsung[\\s>]/',
  );
});

it('are judged: the kinds that were here once are known', { timeout: 300_000 }, async () => {
  const judge = (pattern: string, flags: string): Promise<string> =>
    complexityOf({ place: '', source: '', pattern, flags });
  expect(await judge('^(?:<!--.*?-->\\s*)*<html', 'is')).toBe('exponential');
  expect(await judge('%.*$', '')).toBe('polynomial');
  expect(await judge('%.*', 's')).toBe('linear');
});

function fileOf({ place }: Expression): string {
  return place.replace(/:\d+$/, '');
}

function told({ place, source }: Expression): string {
  return `${place} ${source}`;
}
