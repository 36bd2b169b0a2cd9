/** Says in words what Tsung says in Erlang terms when it does not start a scenario's load. */

import type { Problem } from '../../errors.ts';

const maxMessage = 400;

/** What the terms mean, most special first. */
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
  [/badhostname/, () => 'a client is named by its address, and must be named by its name'],
  [
    /error_missing_element_declaration_in_DTD,\s*(\S+?)\}/,
    ([, name]) => `element ${name} is not in tsung's DTD`,
  ],
  [/can't mix probabilites and weights/, () => 'a session has both probability and weight'],
  [/must set weight or probability/, () => 'a session has neither probability nor weight'],
  [
    /\{undef,\s*\[\{(\w+),session_defaults/,
    ([, type]) => `session type "${type}" is not installed`,
  ],
  [/eaddrinuse/, () => 'a port that it needs is taken'],
  [/permission denied/, () => 'tsung may not write its log folder'],
];

/** Undefined where nothing was refused. */
export function configErrorInWords(stderr: string, log: string): Problem | undefined {
  const refused =
    /Config Error, aborting ![\s\S]*/.exec(stderr) ??
    /Can't start ![\s\S]*/.exec(stderr) ??
    /Error while (?:creating|opening|parsing)[\s\S]*/.exec(`${stderr}\n${log}`) ??
    /Protocol '\w+': register\/listen error[\s\S]*|Kernel pid terminated[\s\S]*/.exec(stderr);
  if (refused === null) return undefined;
  const all = `${stderr}\n${log}`;
  for (const [pattern, say] of meanings) {
    const match = pattern.exec(all);
    if (match !== null) return problem(say(match));
  }
  return problem(refused[0].replace(/\s+/g, ' ').slice(0, maxMessage).trim());
}

function problem(meaning: string): Problem {
  return {
    code: 'TSUNG_CONFIG',
    message: `tsung did not start the load: ${meaning}`,
    hint: "all of what tsung said is in engine/stderr.log and in the controller's log beside tsung.log",
  };
}
