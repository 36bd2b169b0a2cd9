/** Explains why Tsung did not start at all: its script, Erlang, or its own modules. */

import type { Problem } from '../../../errors.ts';

const maxShown = 200;

const meanings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [
    /requires a more recent Erlang\/OTP[^\n]*|compiled for a later version[^\n]*/,
    ([said]) => `its modules are for a newer Erlang than the one that is installed (${said})`,
  ],
  [
    /\{undef,\s*\[\{(tsung_\w+|ts_\w+),(\w+)/,
    ([, module]) =>
      `Erlang cannot load its module ${module}: it is missing, or built for another Erlang`,
  ],
];

/** Lines that every start prints, and that surround the reason. */
const noise =
  /^(?:Creating |Starting Tsung|Log directory is|WARN|\[os_mon\]|Crash dump |=\w+ REPORT|Usage: |$)/;

/** Undefined if it was killed, or ended with exit code 0. */
export function notStartedProblem(said: string, exitCode: number | undefined): Problem | undefined {
  if (exitCode === undefined || exitCode === 0 || exitCode > 128) return undefined;
  const reason = inWords(said) ?? `it ended with exit code ${exitCode} and no output`;
  return {
    code: 'ENGINE_BROKEN',
    message: `tsung did not start: ${reason}`,
    hint: 'its full output is in engine/stderr.log; apt-get install --reinstall tsung erlang-base',
  };
}

function inWords(said: string): string | undefined {
  for (const [pattern, say] of meanings) {
    const match = pattern.exec(said);
    if (match !== null) return say(match);
  }
  return firstWords(said);
}

/** The first line that not every start prints. */
export function firstWords(said: string): string | undefined {
  const line = said
    .split('\n')
    .map((each) => each.replace(/^\S+: line \d+: /, '').trim())
    .find((each) => !noise.test(each));
  return line?.slice(0, maxShown);
}
