/** Says in words what Tsung's reader says in Erlang terms when it refuses a scenario. */

import { descendants, type Element, withAllBelow } from './xml-tree.ts';

/**
 * `element`: the one that was being read; absent where all had been. `reason`: Erlang's. `read`: the type that was wanted and the
 * value, where that could not be read.
 */
export type Refusal = Readonly<{
  element?: Element;
  reason: string;
  read?: Readonly<{ type: string; value: string }>;
}>;

/** `element`: the one that is wrong, where that is not the one that was being read. */
export type Words = Readonly<{ message: string; hint: string; element?: Element }>;

type Say = (element: Element, refusal: Refusal) => Words | undefined;

const maxShown = 300;
const conditions = ['eq', 'neq', 'gt', 'lt', 'gte', 'lte'];
const ways = ['re', 'pgsql_expr', 'xpath', 'header', 'jsonpath'];

/** `root`: the whole scenario. */
export function refusalInWords(refusal: Refusal, root: Element): Words {
  const { element, reason, read } = refusal;
  const words =
    element === undefined
      ? wordsOfWhole(refusal, root)
      : ((read && valueWords(element, read)) ??
        sayers[element.name]?.(element, refusal) ??
        choiceWords(element, reason));
  if (words !== undefined) return words;
  const shown = reason.length > maxShown ? `${reason.slice(0, maxShown)}…` : reason;
  const what = element === undefined ? 'the scenario' : shownElement(element);
  return {
    message: `tsung cannot read ${what}, and says: ${shown}`,
    hint: "these are Tsung's own words: compare the attributes with its manual, http://tsung.erlang-projects.org/user_manual/",
  };
}

/** What a regular expression of Erlang's is told by. */
export function regexpWords(text: string, what: string, fault: string, at: string): Words {
  return {
    message: `the regular expression "${text}" of ${what} cannot be read: ${fault}, at character ${at}`,
    hint: 'it is one of Perl\'s kind: a character that stands for itself, such as "(" or "[", is written with "\\" before it',
  };
}

const types: Readonly<Record<string, Readonly<{ kind: string; hint: string }>>> = {
  integer: { kind: 'a whole number', hint: 'write it in digits, such as 5, without sign and unit' },
  float_or_integer: { kind: 'a number', hint: 'write it as 5 or 0.5, without sign and unit' },
  atom: {
    kind: 'a name that Erlang can read',
    hint: 'use letters, digits and "_" only, begin with a lower-case letter, and take no word of Erlang\'s such as "end" or "if"',
  },
};

function valueWords(element: Element, read: NonNullable<Refusal['read']>): Words | undefined {
  const type = types[read.type];
  if (type === undefined) return undefined;
  const found = withAllBelow(element)
    .flatMap((owner) => owner.attributes.map((attribute) => ({ owner, attribute })))
    .find(({ attribute }) => attribute.value.replace(/[\t\n\r]/g, ' ') === read.value);
  const name = found === undefined ? 'a value' : found.attribute.name;
  const owner = found?.owner ?? element;
  return {
    message: `${name} "${read.value}" of ${shownElement(owner, name)} is not ${type.kind}`,
    hint: type.hint,
    element: owner,
  };
}

/** A value that is none of those that the reader has a case for. */
function choiceWords(element: Element, reason: string): Words | undefined {
  const value = /^\{case_clause,"?([^"{}[\]]*)"?\}$/.exec(reason)?.[1];
  const attribute = element.attributes.find((one) => one.value === value);
  if (attribute === undefined) return undefined;
  return {
    message: `${attribute.name} "${attribute.value}" of ${shownElement(element, attribute.name)} is not one that tsung knows`,
    hint: "see Tsung's manual for what it can be: http://tsung.erlang-projects.org/user_manual/",
  };
}

const sayers: Readonly<Record<string, Say>> = {
  dyn_variable: variableWords,
  foreach: (element, { reason }) =>
    regexpFault(element, ['include', 'exclude'], reason) ?? undefined,
  if: (element) => conditionWords(element),
  repeat: (element) => {
    const last = element.children.at(-1);
    if (last?.name === 'while' || last?.name === 'until') return conditionWords(last);
    return {
      message: `${shownElement(element)} does not end with <while> or <until>`,
      hint: 'put its <while var="…" eq="…"/> or <until …/> behind all that is repeated',
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
          hint: 'say how many seconds are waited: value="5"',
        }
      : undefined,
  set_option: optionWords,
  option: (element, { reason }) => {
    const type = element.attribute('type');
    if (type === undefined || !reason.startsWith('{case_clause')) return undefined;
    return {
      message: `option "${element.attribute('name') ?? ''}" is not one that type "${type}" has`,
      hint: 'check the spelling; options that are for all protocols have no type=""',
    };
  },
  setdynvars: (element, { reason }) => {
    const callback = element.attribute('callback');
    if (element.attribute('sourcetype') !== 'erlang' || !/badmatch|function_clause/.test(reason))
      return undefined;
    const shown = callback === undefined ? 'has no callback' : `calls "${callback}"`;
    return {
      message: `${shownElement(element)} ${shown}`,
      hint: 'write the module and its function: callback="module:function"',
    };
  },
  ldap: (element) => {
    const filter = element.attribute('filter');
    if (element.attribute('type') !== 'search') return undefined;
    return {
      message: `the filter "${filter ?? ''}" of <ldap> cannot be read`,
      hint: 'write it in parentheses, as RFC 4515 says: (&(objectClass=person)(uid=a))',
    };
  },
  oid: (element) => ({
    message: `oid "${element.attribute('value') ?? ''}" is not a row of numbers with dots between them`,
    hint: 'write it in digits, such as 1.3.6.1.4.1.2021.10.1.5.1: names of MIBs are not known',
  }),
};

function variableWords(element: Element, { reason }: Refusal): Words | undefined {
  const used = ways.filter((way) => element.attribute(way) !== undefined);
  const name = element.attribute('name') ?? '';
  if (used.length > 1) {
    return {
      message: `dyn_variable "${name}" is looked for in ${used.length} ways at once: ${used.join(', ')}`,
      hint: 'keep one of them; a second variable can take the other',
    };
  }
  const regexp = regexpFault(element, ['re'], reason);
  if (regexp !== undefined) return regexp;
  const xpath = element.attribute('xpath');
  if (/['\\]/.test(name)) {
    return {
      message: `tsung cannot read the name "${name}" of a dyn_variable`,
      hint: 'use letters, digits and "_" only',
    };
  }
  if (xpath === undefined) return undefined;
  return {
    message: `the XPath expression "${xpath}" of dyn_variable "${name}" cannot be read`,
    hint: "Tsung's XPath knows steps, [predicates] and simple functions only, such as //input[@name='token']/@value",
  };
}

function regexpFault(
  element: Element,
  names: readonly string[],
  reason: string,
): Words | undefined {
  const [, fault, at] = /^\{badmatch,\{error,\{"(.*)",(\d+)\}\}\}$/.exec(reason) ?? [];
  if (fault === undefined || at === undefined) return undefined;
  // An empty "include" is none; a variable without "re" is looked for by its name.
  const text = names.map((name) => element.attribute(name)).find((value) => value);
  return regexpWords(text ?? element.attribute('name') ?? '', shownElement(element), fault, at);
}

function conditionWords(element: Element): Words | undefined {
  const used = conditions.filter((name) => element.attribute(name) !== undefined);
  if (used.length === 1) return undefined;
  const how = used.length === 0 ? 'no condition' : `${used.length} conditions: ${used.join(', ')}`;
  return {
    message: `${shownElement(element)} has ${how}`,
    hint: `give it one of ${conditions.join(', ')}: var="a" eq="1"`,
    element,
  };
}

function urlWords(element: Element, { reason }: Refusal): Words | undefined {
  const url = element.attribute('url') ?? '';
  const file = element.attribute('contents_from_file');
  if (file !== undefined && reason.includes('enoent')) {
    return {
      message: `<http> sends file "${file}", which is not there when tsung reads the scenario`,
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

function optionWords(element: Element, { reason }: Refusal): Words | undefined {
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

function wordsOfWhole({ reason }: Refusal, root: Element): Words | undefined {
  const [element] = descendants(root, 'user_agent');
  if (element === undefined || !/user.agent/i.test(reason)) return undefined;
  return {
    element,
    message: "the user agents' probabilities do not add up to 100",
    hint: 'give all <user_agent probability="…"> together 100',
  };
}

/** The element with what tells it from others. */
function shownElement(element: Element, without?: string): string {
  const shown = ['name', 'var', 'id', 'session', 'in'].find(
    (name) => name !== without && element.attribute(name) !== undefined,
  );
  return shown === undefined
    ? `<${element.name}>`
    : `<${element.name} ${shown}="${element.attribute(shown)}">`;
}
