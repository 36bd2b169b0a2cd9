/** Explains YAML errors; the line itself is never quoted, since it may hold a key. */

import type { YAMLError } from 'yaml';
import type { ErrorCode, Problem } from '../errors.ts';

/** How many characters of settings are read at most. */
export const maxLength = 64 * 1_024;

/** How many errors of one document are reported. */
export const maxFaults = 20;

/** YAML errors after which the rest of the document can still be trusted. */
export const harmlessFaults: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

export function yamlProblem(fault: YAMLError, where: string, text: string): Problem {
  const message = fault.message.charAt(0).toLowerCase() + fault.message.slice(1);
  const problem = (code: ErrorCode, hint: string, words = message): Problem => ({
    code,
    message: words,
    hint,
    where,
  });
  switch (fault.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[\w."'-]{1,80}/.exec(text.slice(fault.pos[0]))?.[0] ?? '';
      return problem('SETTINGS_DUPLICATE', 'remove one of the two', `${key} is given twice`);
    }
    case 'TAG_RESOLVE_FAILED':
      return problem('SETTINGS_YAML_TAG', 'remove the !…: values are read as they are written');
    case 'BAD_ALIAS':
      return problem('SETTINGS_ALIAS', 'quote a value that starts with *');
    case 'TAB_AS_INDENT':
      return problem('SETTINGS_YAML', 'indent with spaces');
    case 'MULTIPLE_DOCS':
      return problem('SETTINGS_YAML', 'keep one', 'there are several YAML documents');
    case 'RESOURCE_EXHAUSTION':
      return problem(
        'SETTINGS_YAML',
        'settings are two levels deep',
        'the YAML is nested too deeply',
      );
    default:
      return problem('SETTINGS_YAML', 'quote values that hold : # { } [ ] , & * ! | > @ or %');
  }
}

export function tooLong(length: number, where: string): Problem {
  return {
    code: 'SETTINGS_TOO_LARGE',
    message: `the settings have ${length} characters`,
    hint: `at most ${maxLength} are read; put long values in a file of the scenario`,
    where,
  };
}
