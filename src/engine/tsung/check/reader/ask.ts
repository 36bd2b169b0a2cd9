/**
 * Has a scenario read by Tsung's own reader, the code with which Tsung reads its configuration when
 * a load starts. It runs in an Erlang without distribution, and sends no load.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnagerError } from '../../../../errors.ts';
import { type ExecResult, execAtStart } from '../../../../exec.ts';
import { readIfThere } from '../../../../files/files.ts';
import { codeFolders, type Install } from '../../run/install.ts';
import { readerFiles, readerProgram } from './program.ts';

/**
 * This limits a wait, not scenarios: reading takes less than a second, and the load may start
 * without an answer.
 */
export const readerMs = 10 * 60_000;

/**
 * One thread of each kind: nothing here runs in parallel, and a large machine would get hundreds.
 */
const frugal = ['+S', '1:1', '+SDcpu', '1:1', '+SDio', '1', '+A', '1'];

/**
 * What an installation prints if it cannot start at all. After any other error, Erlang may still
 * start for the load, under a different user and different limits.
 */
const isNeverStarted =
  /error while loading shared libraries|cannot open shared object file|exec format error/i;

const maxBytes = 16 * 1024 * 1024;
const maxShown = 300;

type Asked = Readonly<{
  text: string;
  questions: string;
  scenarioDir: string;
  /** The folder of Onager's compiled modules. */
  modules: string;
  /** Whether certificates of targets will be verified. */
  tlsVerify: boolean;
}>;

/**
 * `lines`: what the program answered. `unread`: why it did not, if neither the scenario nor the
 * engine is to blame.
 */
type ReaderAnswer = Readonly<{ lines: readonly Line[] }> | Readonly<{ unread: string }>;

type Line = readonly string[];

/** Installations whose modules this process has already loaded once. */
const proven = new Set<string>();

/** Throws `ENGINE_MISSING` and `ENGINE_BROKEN`; an Erlang that gives no answer may only be slow. */
export async function throwIfBroken(install: Install, signal: AbortSignal): Promise<void> {
  if (!proven.has(install.script)) await answerTo(undefined, install, signal);
}

export type ScenarioReader = Readonly<{
  /**
   * Once for each reader. Throws `ENGINE_MISSING` and `ENGINE_BROKEN`; otherwise rejects only with
   * the signal's reason.
   */
  ask(asked: Asked): Promise<ReaderAnswer>;
}>;

/** An Erlang that loads Tsung's modules, most of its work, and then waits for the scenario. */
export function startReader(install: Install, signal: AbortSignal): ScenarioReader {
  const question = Promise.withResolvers<Asked>();
  const answer = answerTo(question.promise, install, signal);
  // It may fail before it is asked, or never be asked.
  answer.catch(() => undefined);
  return {
    async ask(asked) {
      question.resolve(asked);
      return await answer;
    },
  };
}

/** Asked nothing, it only loads Tsung's modules. */
async function answerTo(
  question: Promise<Asked> | undefined,
  install: Install,
  signal: AbortSignal,
): Promise<ReaderAnswer> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-tsung-'));
  let writing: Promise<unknown> = Promise.resolve();
  const write = async (asked: Asked | undefined): Promise<string> => {
    writing = writeQuestion(asked, dir);
    await writing;
    // The line that the program waits for. Where its input ends without one, nobody will ask.
    return 'asked\n';
  };
  const input = Promise.resolve(question).then(write);
  // It may be too late: then the answer says why.
  input.catch(() => undefined);
  try {
    const folders = codeFolders(install);
    const end = await execAtStart(install.erl, {
      args: [
        ...[...frugal, '-noshell', '-boot', 'no_dot_erlang', '-pa', ...folders],
        ...['-eval', readerProgram, '-extra', dir, ...folders],
      ],
      // Erlang looks for modules, settings and dumps in its working folder and in HOME.
      cwd: dir,
      input,
      env: { HOME: dir, ERL_CRASH_DUMP_SECONDS: '0' },
      timeoutMs: readerMs,
      maxBytes,
      signal,
    });
    return answerOf(parseLines(await readIfThere(join(dir, readerFiles.answer))), end, install);
  } finally {
    await writing.catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}

async function writeQuestion(asked: Asked | undefined, dir: string): Promise<void> {
  if (asked === undefined) return;
  const { config, questions, scenario, modules, verifies } = readerFiles;
  await writeFile(join(dir, config), asked.text);
  await writeFile(join(dir, questions), asked.questions);
  await writeFile(join(dir, scenario), asked.scenarioDir);
  await writeFile(join(dir, modules), join(asked.modules, 'onager'));
  if (asked.tlsVerify) await writeFile(join(dir, verifies), '');
}

/** Undefined if the answer is not complete. */
function parseLines(answer = ''): readonly Line[] | undefined {
  const lines = answer
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map((word) => Buffer.from(word, 'base64').toString()));
  return lines.at(-1)?.[0] === 'end' ? lines.slice(0, -1) : undefined;
}

function answerOf(
  lines: readonly Line[] | undefined,
  end: ExecResult,
  install: Install,
): ReaderAnswer {
  if (end.isMissing) {
    throw new OnagerError('ENGINE_MISSING', 'erl, which runs tsung, is not installed', {
      hint: 'apt-get install tsung',
      where: install.erl,
    });
  }
  if (lines === undefined) return unanswered(end, install);
  const [kind, module, why, release] = lines[0] ?? [];
  if (kind === 'unusable') {
    const reasons: Readonly<Record<string, string>> = {
      badfile: `Erlang/OTP ${release} refuses it: it is built for a more recent release, or damaged`,
      nofile: `Erlang/OTP ${release} does not have it`,
    };
    const reason = reasons[why ?? ''];
    if (reason === undefined) return { unread: `its module ${module} is not loaded: ${why}` };
    const message = `tsung needs module ${module}, and ${reason}`;
    const missing = why === 'nofile' ? packageOf[module ?? ''] : undefined;
    throw broken(message, install, missing && `apt-get install ${missing}`);
  }
  proven.add(install.script);
  const unread = lines.find(([first]) => first === 'unread');
  return unread === undefined ? { lines } : { unread: unread[1] ?? '' };
}

function unanswered({ ok, isKilled, stderr, words }: ExecResult, install: Install): ReaderAnswer {
  if (ok) return { unread: 'erl gave no answer' };
  if (isKilled) return { unread: words };
  const said = stderr.trim().split('\n')[0]?.slice(0, maxShown) || words;
  if (isNeverStarted.test(stderr)) {
    throw broken(`erl, which runs tsung, does not start: ${said}`, install);
  }
  return { unread: `erl does not start: ${said}` };
}

/** Debian's packages of what Tsung needs besides its own modules. */
const packageOf: Readonly<Record<string, string>> = {
  xmerl_scan: 'erlang-xmerl',
  ssl: 'erlang-ssl',
  crypto: 'erlang-crypto',
};

const reinstall =
  'install tsung and Erlang from the same release: apt-get install --reinstall tsung erlang-base';

function broken(message: string, { erl, installDir }: Install, hint = reinstall): OnagerError {
  return new OnagerError('ENGINE_BROKEN', message, {
    hint,
    where: `${installDir}, ${erl}`,
  });
}
