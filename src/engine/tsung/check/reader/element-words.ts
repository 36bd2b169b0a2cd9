/** Explains why Tsung's own reader rejects an element, for each kind of element. */

import type { Element } from '../../xml/tree.ts';
import { type Refusal, type RefusalWords, shownElement } from './refusal.ts';
import { regexpProblem, variableWords } from './variable-words.ts';

type Say = (element: Element, refusal: Refusal) => RefusalWords | undefined;

const conditions = ['eq', 'neq', 'gt', 'lt', 'gte', 'lte'];

export const wordsByElement: Readonly<Record<string, Say>> = {
  dyn_variable: variableWords,
  foreach: (element, { reason }) => regexpProblem(element, ['include', 'exclude'], reason),
  if: conditionWords,
  repeat: (element) => {
    const last = element.children.at(-1);
    if (last?.name === 'while' || last?.name === 'until') return conditionWords(last);
    return {
      message: `${shownElement(element)} does not end with <while> or <until>`,
      hint: 'put its <while var="…" eq="…"/> or <until …/> after everything that it repeats',
    };
  },
  http: urlWords,
  user: (element) => ({
    message: `${shownElement(element)} has no start_time`,
    hint: 'say when the user starts: start_time="5" unit="second"',
  }),
  thinktime: (_, { reason }) =>
    reason === 'badarith'
      ? {
          message: '<thinktime> has no value, and no option "thinktime" gives one',
          hint: 'say how many seconds to wait: value="5"',
        }
      : undefined,
  set_option: setOptionWords,
  option: optionWords,
  setdynvars: setdynvarsWords,
  ldap: (element) => {
    const filter = element.attribute('filter');
    if (element.attribute('type') !== 'search') return undefined;
    return {
      message: `the filter "${filter ?? ''}" of <ldap> cannot be read`,
      hint: 'write it in parentheses, as RFC 4515 says: (&(objectClass=person)(uid=a))',
    };
  },
  oid: (element) => ({
    message: `oid "${element.attribute('value') ?? ''}" is not a list of numbers separated by dots`,
    hint: 'write it in digits, such as 1.3.6.1.4.1.2021.10.1.5.1: names of MIBs are not known',
  }),
};

function conditionWords(element: Element): RefusalWords | undefined {
  const used = conditions.filter((name) => element.attribute(name) !== undefined);
  if (used.length === 1) return undefined;
  const how = used.length === 0 ? 'no condition' : `${used.length} conditions: ${used.join(', ')}`;
  return {
    message: `${shownElement(element)} has ${how}`,
    hint: `give it one of ${conditions.join(', ')}: var="a" eq="1"`,
    element,
  };
}

function urlWords(element: Element, { reason }: Refusal): RefusalWords | undefined {
  const url = element.attribute('url') ?? '';
  const file = element.attribute('contents_from_file');
  if (file !== undefined && reason.includes('enoent')) {
    return {
      message: `<http> sends file "${file}", which does not exist when tsung reads the scenario`,
      hint: 'name a file of the scenario: a variable in its name is not replaced',
    };
  }
  if (reason.includes('badurl_proxy')) {
    return {
      message: `url "${url}" of <http> has no host, and the option http_use_server_as_proxy needs one`,
      hint: 'write the first url of each session in full: http://host/path',
    };
  }
  if (!/^(badarg|function_clause|\{badmatch)/.test(reason)) return undefined;
  return {
    message: `url "${url}" of <http> is neither a path nor an address with a port that is a number`,
    hint: 'begin it with "/" for the <server>, or with "http://" or "https://" and a host',
  };
}

function setOptionWords(element: Element, { reason }: Refusal): RefusalWords | undefined {
  const name = element.attribute('name') ?? '';
  if (name === 'certificate' && reason.includes('false')) {
    return {
      message: 'set_option "certificate" has no <certificate> in it',
      hint: 'put <certificate cacertfile="…" keyfile="…" certfile="…"/> into it',
    };
  }
  if (!reason.includes('case_clause')) return undefined;
  return {
    message: `set_option "${name}" is not an option that tsung can set within a session`,
    hint: 'it can set rate_limit, connect_timeout and certificate there; others are an <option> in <options>',
  };
}

function optionWords(element: Element, { reason }: Refusal): RefusalWords | undefined {
  if (reason.includes('bad_filename')) {
    return {
      message: `${shownElement(element)} names file "${element.attribute('value') ?? ''}", which does not exist when tsung reads the scenario`,
      hint: 'name a file of the scenario in value="…": a variable in its name is not replaced',
    };
  }
  const type = element.attribute('type');
  if (type === undefined || !reason.startsWith('{case_clause')) return undefined;
  return {
    message: `option "${element.attribute('name') ?? ''}" is not one that type "${type}" has`,
    hint: 'check the spelling; options for all protocols have no type=""',
  };
}

function setdynvarsWords(element: Element, { reason }: Refusal): RefusalWords | undefined {
  const callback = element.attribute('callback');
  if (element.attribute('sourcetype') === 'eval' && element.attribute('code') === undefined) {
    return {
      message: `${shownElement(element)} has no code`,
      hint: 'write code="fun({Pid, DynVars}) -> … end."',
    };
  }
  if (element.attribute('sourcetype') !== 'erlang' || !/badmatch|function_clause/.test(reason))
    return undefined;
  const shown = callback === undefined ? 'has no callback' : `calls "${callback}"`;
  return {
    message: `${shownElement(element)} ${shown}`,
    hint: 'write the module and its function: callback="module:function"',
  };
}
