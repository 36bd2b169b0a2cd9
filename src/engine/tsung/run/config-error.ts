/** Explains the Erlang terms that Tsung prints when it does not start a scenario's load. */

import type { Problem } from '../../../errors.ts';

const maxShown = 120;

/** Meanings of the terms, the most specific first. */
const meanings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/bad_sum/, () => "the sessions' probabilities do not add up to 100"],
  [/already_defined_phase/, () => 'two arrival phases have the same number'],
  [
    /Unknown_file_id (\S+)/,
    ([, id]) => `file id ${id} is used, but no file_server option defines it`,
  ],
  [/bad_filename,\s*"([^"]*)"/, ([, file]) => `file "${file}" cannot be read`],
  [/dtd_not_found|DTD not found/, () => "tsung's DTD was not found"],
  [/\{invalid_xml,\s*"([^"]*)"/, ([, text]) => `${text}`],
  [/badhostname/, () => 'a client is given by its address, but must be given by its name'],
  [
    /error_missing_element_declaration_in_DTD,\s*([^\s,}]+)\}/,
    ([, name]) => `element ${name} is not in tsung's DTD`,
  ],
  [/can't mix probabilites and weights/, () => 'a session has both probability and weight'],
  [/must set weight or probability/, () => 'a session has neither probability nor weight'],
  [
    /\{undef,\s*\[\{(\w+),session_defaults/,
    ([, type]) => `session type "${type}" is not installed`,
  ],
  [/bad_thinktime/, () => 'a thinktime is neither a time above 0 nor a range'],
  [/badarg,\s*\[\{re,/, () => 'the text of a request has a character that it cannot send'],
  [/eaddrinuse/, () => 'a port that it needs is in use'],
  [/permission denied/, () => 'tsung may not write its log folder'],
];

/** Undefined if nothing was rejected. */
export function configErrorInWords(stderr: string, log: string): Problem | undefined {
  const refused =
    /Config Error, aborting ![\s\S]*/.exec(stderr) ??
    /Can't start ![\s\S]*/.exec(stderr) ??
    /Error while (?:creating|opening|parsing)[\s\S]*/.exec(`${stderr}\n${log}`) ??
    /Protocol '\w+': register\/listen error[\s\S]*/.exec(stderr) ??
    /Kernel pid terminated[\s\S]*/.exec(stderr);
  if (refused === null) return undefined;
  const all = `${stderr}\n${log}`;
  for (const [pattern, say] of meanings) {
    const match = pattern.exec(all);
    if (match !== null) return problem(say(match));
  }
  const said = refused[0]
    .replace(/^Config Error, aborting !/, '')
    .replace(/\s+/g, ' ')
    .trim();
  const shown = said.length > maxShown ? `${said.slice(0, maxShown)}…` : said;
  return problem('for a reason that Onager does not know', `; it begins: ${shown}`);
}

function problem(meaning: string, more = ''): Problem {
  return {
    code: 'TSUNG_CONFIG',
    message: `tsung did not start the load: ${meaning}`,
    hint: `tsung's full output is in engine/stderr.log and in the controller's log next to tsung.log${more}`,
  };
}
