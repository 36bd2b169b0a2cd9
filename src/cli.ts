/** The command line: finds the command, hands signals on to it, and ends with its exit code. */

import { readFile } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readArguments, UsageError, unknown } from './commands/arguments.ts';
import { commands } from './commands/cli/commands.ts';
import { EndedBySignal, listenToSignals } from './commands/cli/signals.ts';
import { errorCodes, hasCode, OnagerError, problemsOf, problemText } from './errors.ts';
import { version } from './version.ts';

// An installed package is one flat folder of bundles, with a cache of its own.
const isPackaged = import.meta.url.endsWith('.js');
// Halves the start-up time. The folder is in the checkout: if others could write to it, they could
// inject code.
if (!isPackaged) enableCompileCache(pathFromHere('../node_modules/.cache/onager'));

// Not this file: a package has a file before it, which loads it.
const [, program = fileURLToPath(import.meta.url)] = process.argv;
const self = [process.execPath, ...process.execArgv, program] as const;
const pagePath = pathFromHere(isPackaged ? 'page.html' : '../dist/page.html');

const asksForHelp: ReadonlySet<string> = new Set(['-h', '--help', 'help']);
const asksForVersion: ReadonlySet<string> = new Set(['-v', '--version', 'version']);

const signals = listenToSignals();
let leavesAtOnce = false;
// The reader of the output may be gone (`| head`), or the disk of a log full: the command goes on,
// and its exit code tells how it ended.
const unheard = ['EPIPE', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!unheard.some((code) => hasCode(error, code))) throw error;
  });
}
// An uncaught error must not look like missed objectives, which is exit code 1.
process.on('uncaughtException', (error) => {
  process.exit(failed(error));
});
// Where nothing is left to wait for and the command has not ended, that is no success.
process.exitCode = errorCodes.INTERNAL.exit;
void main(process.argv.slice(2), signals.stopping).then((exitCode) => {
  process.exitCode = exitCode;
  signals.close();
  // Do not wait for what a command that was ended is still reading or packing.
  if (signals.stopping.aborted && leavesAtOnce) process.exit();
});

async function main([name, ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    if (name === undefined || asksForHelp.has(name)) return await help(args[0]);
    if (asksForVersion.has(name)) return say(`${version}\n`);
    const load = commands.get(name);
    if (load === undefined) throw unknownCommand(name);
    if (args.some((arg) => arg === '-h' || arg === '--help')) return await help(name);
    const { command } = await load();
    leavesAtOnce = command.leavesAtOnce ?? false;
    if (leavesAtOnce) signals.leaveAtOnce();
    const { env } = process;
    const context = { env, self, readPage, signal, abandoned: signals.abandoned };
    return await command.run(readArguments(args, command), context);
  } catch (error) {
    const { reason } = signal;
    if (reason instanceof EndedBySignal && isEnd(error, reason)) {
      process.stderr.write(`${reason.message}\n`);
      return reason.exit;
    }
    const isOfCommand = error instanceof UsageError && name !== undefined && commands.has(name);
    return failed(isOfCommand ? error.of(name) : error);
  }
}

async function help(about: string | undefined): Promise<number> {
  const isOfAll = about === undefined || asksForHelp.has(about) || asksForVersion.has(about);
  if (!isOfAll && !commands.has(about)) throw unknownCommand(about);
  const { helpText } = await import('./commands/cli/help.ts');
  return say(await helpText(commands, isOfAll ? undefined : about));
}

function unknownCommand(name: string): UsageError {
  return unknown('command', name, [...commands.keys(), 'help', 'version']);
}

/** Says what is wrong, and gives the exit code for it. */
function failed(error: unknown): number {
  const problems = problemsOf(error);
  process.stderr.write(problems.map(problemText).join(''));
  if (problems.some(({ code }) => code === 'INTERNAL')) console.error(error);
  const [{ code } = { code: 'INTERNAL' as const }] = problems;
  return errorCodes[code].exit;
}

/** Whether the signal ended the command, not a fault on the way out. */
function isEnd(error: unknown, reason: EndedBySignal): boolean {
  if (error === reason) return true;
  return error instanceof Error && (error.name === 'AbortError' || error.cause === reason);
}

function pathFromHere(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

async function readPage(): Promise<string> {
  try {
    return await readFile(pagePath, 'utf8');
  } catch (error) {
    throw new OnagerError('PAGE_MISSING', `${pagePath} is missing`, {
      hint: 'in a checkout it is built by scripts/setup, which npm run demo and npm test run first',
      cause: error,
    });
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
