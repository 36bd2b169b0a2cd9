/** Reads command lines: options, and what is wrong with them, in words. */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { messageOf, OnagerError } from '../errors.ts';

export const usage = `Onager: an EC2 image that runs the load test in its user-data.

  onager rehearse FILE|DIR   the whole run on this machine, with a simulated EC2 and S3
      --out DIR              where instance/ and bucket/ go (default: onager-rehearsal)
      --port N               of the page (default: any free one)
      --exit                 do not keep serving after the run
      --var NAME=value       sets a variable of the scenario; may be repeated
  onager check FILE|DIR      what this user-data would do, with every problem
      --json                 as JSON
      --var NAME=value
  onager pack FILE|DIR       scenario to zip
      -o, --output FILE      default: its name and .zip
  onager report RUN_DIR      rebuilds results and report from a run folder
      --out DIR              default: RUN_DIR/report
  onager agent               the service on the instance
      --state DIR            default: /var/lib/onager
      --config FILE          settings of the image, default: /etc/onager/onager.yaml
      --host ADDRESS         default: :: (all)
      --port N               default: 80, or the socket that systemd hands over
      --engine-unit UNIT     the systemd unit that runs the engine, instead of a child process
      --console FILE         lines for people; -: on standard output, instead of the log
      --poweroff-unit UNIT   what switches the machine off; without it that is only said
      --lifetime-timer UNIT  the timer behind that, which a longer lifetime must keep from going off
      --prove-isolation      warn unless the engine proves that it is walled in
      --tied                 end, and the engine too, when standard input ends
  onager engine PLAN         runs an engine; started by the agent
      --prove-isolation      try what the engine's user must not reach
  onager --version
`;

export type Options = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** `operand`: what the command's one operand is, if it takes one. */
export function readArguments(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  operand?: string,
): Readonly<{ values: Options; operand: string }> {
  const { values, positionals } = parse(args, options);
  const [first = '', ...more] = positionals;
  const wanted = operand === undefined ? 0 : 1;
  if (first === '' && wanted === 1) throw wrong(`${operand} is missing`);
  const tooMany = wanted === 0 ? first : more[0];
  if (tooMany !== undefined && tooMany !== '') throw wrong(`unexpected argument "${tooMany}"`);
  return { values, operand: first };
}

function parse(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrong(inOurWords(error, args));
  }
}

// Of a value that begins with a dash Node tells in three lines what it could have meant.
function inOurWords(error: unknown, args: readonly string[]): string {
  const message = messageOf(error);
  const [, option] =
    /^Option '(?:-\w, )?(--[\w-]+)(?![\w-])[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option === undefined) return message;
  const value = args[args.indexOf(option) + 1];
  return `"${value}" looks like an option, not like the value of ${option}: write ${option}=${value} if it is one`;
}

export function wrong(message: string): OnagerError {
  return new OnagerError('USAGE', message, { hint: 'see onager --help' });
}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function portOption(options: Options, otherwise: number): number {
  const text = textOption(options, 'port');
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw wrong(`"${text}" is not a port`);
  return port;
}

/** `--var NAME=value`, any number of them. */
export function varsOption(options: Options): Readonly<Record<string, string>> {
  const given = options['var'];
  const list = Array.isArray(given) ? given : [];
  return Object.fromEntries(
    list.map((text) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(String(text)) ?? [];
      if (name === undefined || value === undefined)
        throw wrong(`--var "${text}" is not NAME=value`);
      return [name, value];
    }),
  );
}
