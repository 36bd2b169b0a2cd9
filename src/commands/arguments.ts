/** Reads the options of a command, and explains what is wrong with them. */

import { parseArgs } from 'node:util';
import { hasCode, messageOf, OnagerError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { settingReaders } from '../settings/schema.ts';
import { share } from '../settings/values.ts';
import type { Command, OptionValues } from './cli/command.ts';

/** What programs are looked for in, where the environment says nothing. */
export const defaultPath = '/usr/local/bin:/usr/bin:/bin';

export function readArguments(
  args: readonly string[],
  { operand, options }: Pick<Command, 'operand' | 'options'>,
): Readonly<{ options: OptionValues; operand: string }> {
  const { values, positionals } = parse(args, options);
  const [first = '', ...more] = positionals;
  const wanted = operand === undefined ? 0 : 1;
  if (first === '' && wanted === 1) throw new UsageError(`${operand} is missing`);
  const tooMany = wanted === 0 ? first : more[0];
  if (tooMany !== undefined && tooMany !== '')
    throw new UsageError(`unexpected argument "${tooMany}"`);
  return { options: values, operand: first };
}

function parse(args: readonly string[], options: Command['options']) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (hasCode(error, 'ERR_PARSE_ARGS_UNKNOWN_OPTION')) {
      // "Unknown option '--exti'. To specify …", about values that begin with a dash.
      const [, option = ''] = messageOf(error).split("'");
      throw unknown('option', option, [
        '--help',
        ...Object.keys(options).map((name) => `--${name}`),
      ]);
    }
    throw new UsageError(inOurWords(error, args));
  }
}

/** A wrong command line; the hint names the help of all commands, or of the one in question. */
export class UsageError extends OnagerError {
  readonly #aside: string;

  constructor(message: string, { aside = '', command = '' } = {}) {
    const help = command === '' ? 'onager --help' : `onager ${command} --help`;
    super('USAGE', message, { hint: `${aside}see ${help}` });
    this.#aside = aside;
  }

  of(command: string): UsageError {
    return new UsageError(this.message, { aside: this.#aside, command });
  }
}

/** A word that is none of the known ones. */
export function unknown(
  what: 'command' | 'option',
  word: string,
  known: readonly string[],
): UsageError {
  const meant = nearest(word, known);
  const aside = meant === undefined ? '' : `did you mean ${meant}? `;
  return new UsageError(`unknown ${what} "${word}"`, { aside });
}

// For a value that begins with a dash, Node's message has three lines about what it could mean.
function inOurWords(error: unknown, args: readonly string[]): string {
  const message = messageOf(error);
  const [, option] =
    /^Option '(?:-\w, )?(--[\w-]+)(?![\w-])[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option === undefined) return message;
  const value = args[args.indexOf(option) + 1];
  const hint = `if it is the value of ${option}, write ${option}=${value}`;
  return `"${value}" looks like an option: ${hint}`;
}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function portOption(options: OptionValues, otherwise: number): number {
  const text = textOption(options, 'port');
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`"${text}" is not a port`);
  return port;
}

export function countOption(options: OptionValues, most: number): number {
  const text = textOption(options, 'count') ?? '1';
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most)
    throw new UsageError(`--count "${text}" is not a number from 1 to ${most}`);
  return count;
}

/**
 * `--duration` and `--rate`, as the settings that they stand for. A rate is a percentage only:
 * `--rate 1` could be meant as one user a second.
 */
export function trialSettings(options: OptionValues): Readonly<Record<string, string>> {
  const duration = textOption(options, 'duration');
  const rate = textOption(options, 'rate');
  const wrongRate = (): boolean => rate?.endsWith('%') !== true || !('value' in share(rate));
  if (rate !== undefined && wrongRate()) {
    throw new UsageError(`--rate "${rate}" is not a percentage from 0.01% to 100%, such as 10%`);
  }
  const read = duration === undefined ? undefined : settingReaders['load.duration'](duration);
  if (read !== undefined && !('value' in read)) {
    throw new UsageError(`--duration "${duration}" ${read.is}: ${read.hint}`);
  }
  return {
    ...(duration === undefined ? {} : { 'load.duration': duration }),
    ...(rate === undefined ? {} : { 'load.scale': rate }),
  };
}

/** `--var NAME=value`, any number of them. */
export function varsOption(options: OptionValues): Readonly<Record<string, string>> {
  const given = options['var'];
  const list = Array.isArray(given) ? given : [];
  return Object.fromEntries(
    list.map((text) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(String(text)) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(`--var "${text}" is not NAME=value`);
      return [name, value];
    }),
  );
}
