/** Finds what of a scenario is dealt to the members of a cluster, beside its users. */

import { createFindFile } from '../scenario/find-file.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { markup } from '../xml/markup.ts';
import { descendants, type Element } from '../xml/tree.ts';

/** `written`: the path as the scenario has it; `file`: where it is in the scenario. */
type DealtFile = Readonly<{ written: string; file: string; option: Element }>;

/** The files whose lines are taken one after another. As Tsung does, the first of an id counts. */
export function iteratedFiles({ root, scenario, text }: Prepared): readonly DealtFile[] {
  const findFile = createFindFile(scenario);
  const taken = new Set(
    descendants(root, 'setdynvars')
      .filter(isIterated)
      .map((source) => source.attribute('fileid') ?? 'none'),
  );
  // Called by its name, it may be asked for any of the files.
  const isCalled = mentionAt(text, /ts_file_server:get_next_line/) !== undefined;
  const ids = new Set<string>();
  return optionsOf(root, 'file_server').flatMap((option) => {
    const id = option.attribute('id') ?? 'default';
    const written = option.attribute('value') ?? '';
    const found = findFile(written);
    if (found.kind !== 'found' || ids.has(id)) return [];
    ids.add(id);
    return isCalled || taken.has(id) ? [{ written, file: found.file, option }] : [];
  });
}

function isIterated(source: Element): boolean {
  return source.attribute('sourcetype') === 'file' && source.attribute('order') !== 'random';
}

/** Tsung's own default of `userid_max`. */
const mostIds = 10_000;

/** How many XMPP users there are to log in; undefined where none is logged in by its number. */
export function xmppIds({
  root,
}: Prepared): Readonly<{ ids: number; element: Element }> | undefined {
  const first = descendants(root, 'jabber').find(
    ({ children }) => !children.some(({ name }) => name === 'xmpp_authenticate'),
  );
  if (first === undefined) return undefined;
  const option = optionsOf(root, 'userid_max').at(-1);
  const ids = Number(option?.attribute('value') ?? mostIds);
  return ids > 0 ? { ids, element: option ?? first } : undefined;
}

export function optionsOf(root: Element, name: string): readonly Element[] {
  return descendants(root, 'option').filter((option) => option.attribute('name') === name);
}

/** Where in the document, but not in its comments, this is written. */
export function mentionAt(text: string, pattern: RegExp): number | undefined {
  for (const { kind, start, end } of markup(text)) {
    if (kind === 'comment') continue;
    const at = text.slice(start, end).search(pattern);
    if (at !== -1) return start + at;
  }
  return undefined;
}
