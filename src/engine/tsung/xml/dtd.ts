/** Has xmllint judge a scenario by Tsung's DTD, and says the verdict in the author's lines. */

import type { Problem } from '../../../errors.ts';
import { exec } from '../../../exec.ts';

/** Far longer than xmllint takes, on a machine whose disk is still being loaded as well. */
export const xmllintMs = 10 * 60_000;
const maxProblems = 50;

type DtdOptions = Readonly<{
  text: string;
  dtd: string;
  /** The place of a line of `text`. */
  whereOfLine: (line: number) => string;
  signal: AbortSignal;
}>;

/** xmllint exits with 0 for a valid document, 3 or 4 for one that is not; it reads nothing but the two texts. */
export async function dtdProblems(options: DtdOptions): Promise<readonly Problem[]> {
  const { text, dtd, whereOfLine, signal } = options;
  const { ok, isMissing, stderr, words } = await exec('xmllint', {
    args: ['--noout', '--nonet', '--dtdvalid', dtd, '-'],
    input: text,
    timeoutMs: xmllintMs,
    maxBytes: 4 * 1024 * 1024,
    signal,
  });
  if (ok) return [];
  if (isMissing) {
    return [
      {
        code: 'TSUNG_DTD_UNCHECKED',
        message: 'xmllint, which checks the scenario against the DTD, is not installed',
        hint: 'apt-get install libxml2-utils',
      },
    ];
  }
  const problems = parseXmllint(stderr, whereOfLine);
  if (problems.length > 0) return problems;
  return [
    {
      code: 'TSUNG_DTD_UNCHECKED',
      message: `xmllint could not check the scenario: ${words}`,
      hint: 'try xmllint --noout --dtdvalid /usr/share/tsung/tsung-1.0.dtd on it by hand',
    },
  ];
}

/** Lines such as `-:7: element server: validity error : Element server does not carry attribute type`. */
export function parseXmllint(
  output: string,
  whereOfLine: (line: number) => string,
): readonly Problem[] {
  const pattern = /^-:(\d+): (?:element \S+: )?[a-z ]*error : (.*)$/gm;
  return [...output.matchAll(pattern)].slice(0, maxProblems).map(([, number, text = '']) => {
    const { message, hint } = inWords(text);
    return { code: 'TSUNG_DTD', message, hint, where: whereOfLine(Number(number)) };
  });
}

export const manual = 'http://tsung.erlang-projects.org/user_manual/';
const usualHint = `see Tsung's manual for what stands where: ${manual}`;

function inWords(text: string): Readonly<{ message: string; hint: string }> {
  const content =
    /^Element (\S+) content does not follow the DTD, expecting (.*?), got (.*)$/s.exec(text);
  if (content !== null) {
    const [, name, expected, got] = content;
    return {
      message: `<${name}> may not contain ${got}`,
      hint: `it contains, in this order: ${expected} (? none or one, * any number, + at least one, | one of them)`,
    };
  }
  const nothing = /^Element (\S+) was declared EMPTY this one has content$/.exec(text);
  if (nothing !== null) {
    return { message: `<${nothing[1]}> may not contain anything`, hint: usualHint };
  }
  const unknown = /^No declaration for (element|attribute) (\S+)(?: of element (\S+))?$/.exec(text);
  if (unknown !== null) {
    const [, kind, name, of] = unknown;
    const message =
      kind === 'element'
        ? `<${name}> is not an element of Tsung's`
        : `<${of}> has no attribute "${name}"`;
    return { message, hint: usualHint };
  }
  const absent = /^Element (\S+) does not carry attribute (\S+)$/.exec(text);
  if (absent !== null) {
    return { message: `<${absent[1]}> needs the attribute "${absent[2]}"`, hint: usualHint };
  }
  const value =
    /^(?:Value "(.*)" for|Syntax of value for) attribute (\S+) of (\S+) is not (.*)$/s.exec(text);
  if (value !== null) {
    const [, given, name, of, why] = value;
    const what = why === 'valid' ? 'is not a single word' : `is not ${why}`;
    return {
      message: `attribute "${name}" of <${of}>${given === undefined ? '' : ` is "${given}", which`} ${what}`,
      hint: usualHint,
    };
  }
  return { message: `the DTD is broken: ${text}`, hint: usualHint };
}
