/** Finds problems of a scenario's sessions that its DTD cannot express. */

import type { Problem } from '../../../errors.ts';
import { createMatcher } from '../scenario/session-matcher.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { shareProblems } from './session-shares.ts';
import { typeProblems } from './session-types.ts';
import { someOf } from './some-of.ts';

export function sessionProblems(
  root: Element,
  where: Where,
  types: ReadonlySet<string>,
): readonly Problem[] {
  const sessions = descendants(root, 'session');
  // The DTD's rules report a scenario without sessions.
  if (sessions.length === 0) return [];
  return [
    ...shareProblems(root, sessions, where),
    ...typeProblems(root, where, types),
    ...nameProblems(root, sessions, where),
    ...transactionProblems(root, where),
    ...fileIdProblems(root, where),
  ];
}

/** A user or a share of a session that does not exist would silently do nothing. */
function nameProblems(
  root: Element,
  sessions: readonly Element[],
  where: Where,
): readonly Problem[] {
  const names = sessions.map((session) => session.attribute('name') ?? '');
  const matched = createMatcher(names);
  const uses = [
    ...descendants(root, 'user').map((element) => ({ element, attribute: 'session' })),
    ...descendants(root, 'session_setup').map((element) => ({ element, attribute: 'name' })),
  ];
  return uses.flatMap(({ element, attribute }) => {
    const name = element.attribute(attribute) ?? '';
    if (matched(name).length > 0) return [];
    return [
      {
        code: 'TSUNG_SESSION_NAME' as const,
        message: `there is no session "${name}"`,
        hint: `the sessions are: ${someOf(names)}`,
        where: where(element.start),
      },
    ];
  });
}

/**
 * The name becomes part of an Erlang atom: by experiment, any other character ends it, or the run.
 */
function transactionProblems(root: Element, where: Where): readonly Problem[] {
  return [
    ...descendants(root, 'transaction').map((element) => ({ element, attribute: 'name' })),
    ...descendants(root, 'interaction').map((element) => ({ element, attribute: 'id' })),
  ].flatMap(({ element, attribute }) => {
    const name = element.attribute(attribute) ?? '';
    if (/^[\wÀ-ÖØ-öø-ÿ]+$/.test(name)) return [];
    return [
      {
        code: 'TSUNG_TRANSACTION_NAME' as const,
        message: `tsung cannot read the ${element.name} name "${name}"`,
        hint: 'use letters from A to ÿ, digits and "_" only',
        where: where(element.start),
      },
    ];
  });
}

function fileIdProblems(root: Element, where: Where): readonly Problem[] {
  const options = descendants(root, 'option').filter(
    (option) => option.attribute('name') === 'file_server',
  );
  const ids = new Set(options.map((option) => option.attribute('id') ?? 'default'));
  return descendants(root, 'setdynvars')
    .filter((element) => element.attribute('sourcetype') === 'file')
    .flatMap((element) => {
      const id = element.attribute('fileid') ?? 'none';
      if (ids.has(id)) return [];
      return [
        {
          code: 'TSUNG_FILE_MISSING' as const,
          message: `no file_server option has the id "${id}"`,
          hint: `add <option name="file_server" id="${id}" value="…"/> to <options>`,
          where: where(element.start),
        },
      ];
    });
}
