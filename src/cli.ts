#!/usr/bin/env node
/** The commands: reads the command line and the environment, and says how it ended by the exit code. */

import { readFile, realpath } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  portOption,
  readArguments,
  textOption,
  usage,
  varsOption,
  wrong,
} from './commands/arguments.ts';
import { errorCodes, hasCode, OnagerError, problemsOf, problemText } from './errors.ts';
import type { Log } from './log.ts';
import { version } from './version.ts';

type Command = (args: readonly string[], signal: AbortSignal) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  agent: agentCommand,
  check: checkCommand,
  engine: engineCommand,
  pack: packCommand,
  rehearse: rehearseCommand,
  report: reportCommand,
};

// An installed package is one flat folder of bundles; there the units name the compile cache.
const isPackaged = import.meta.url.endsWith('.js');
// Halves the start. The folder is the checkout's own: one that others could write to would let them put code in here.
if (!isPackaged) enableCompileCache(pathFromHere('../node_modules/.cache/onager'));

const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)] as const;
const pagePath = pathFromHere(isPackaged ? 'page.html' : '../dist/page.html');

const stopping = new AbortController();
const abandoning = new AbortController();
class EndedBySignal extends Error {
  readonly exit: number;

  constructor(name: 'SIGTERM' | 'SIGINT') {
    super(`ended by ${name}`);
    // As shells say it.
    this.exit = 128 + constants.signals[name];
  }
}

// A second signal ends these at once. The others have an end of their own to see to: an engine, and what it measured.
const leavesAtOnce = ['check', 'pack', 'report'].includes(process.argv[2] ?? '');
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    const isSecond = stopping.signal.aborted;
    (isSecond ? abandoning : stopping).abort(new EndedBySignal(name));
    if (!isSecond || !leavesAtOnce) return;
    // As if nobody listened: an exit would wait for what the system is asked in other threads.
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  });
}
// Whoever read along may be gone (`| head`), and a log may have no room: what was begun is done all
// the same, and the exit code tells how it ended.
const unheard = ['EPIPE', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!unheard.some((code) => hasCode(error, code))) throw error;
  });
}
// A fault that nobody caught must not look like missed objectives, which is exit code 1.
process.on('uncaughtException', (error) => {
  process.exit(failed(error));
});
process.exitCode = await main(process.argv.slice(2), stopping.signal);
// What is still being read or packed for a command that was ended, nobody waits for.
if (stopping.signal.aborted && leavesAtOnce) process.exit();

async function main([name, ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    if (name === '--version') return say(`${version}\n`);
    if (name === undefined || name === '--help' || args.includes('--help')) return say(usage);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw wrong(`unknown command "${name}"`);
    return await command(args, signal);
  } catch (error) {
    const { reason } = signal;
    if (reason instanceof EndedBySignal && isEnd(error, reason)) {
      process.stderr.write(`${reason.message}\n`);
      return reason.exit;
    }
    return failed(error);
  }
}

/** Says what is wrong, and gives the exit code for it. */
function failed(error: unknown): number {
  const problems = problemsOf(error);
  process.stderr.write(problems.map(problemText).join(''));
  if (problems.some(({ code }) => code === 'INTERNAL')) console.error(error);
  const [{ code } = { code: 'INTERNAL' as const }] = problems;
  return errorCodes[code].exit;
}

/** Whether it was the signal that ended the command, and no fault on the way out. */
function isEnd(error: unknown, reason: EndedBySignal): boolean {
  if (error === reason) return true;
  return error instanceof Error && (error.name === 'AbortError' || error.cause === reason);
}

async function agentCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = readArguments(args, {
    state: { type: 'string' },
    config: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    'engine-unit': { type: 'string' },
    console: { type: 'string' },
    'poweroff-unit': { type: 'string' },
    'lifetime-timer': { type: 'string' },
    'prove-isolation': { type: 'boolean' },
    tied: { type: 'boolean' },
  });
  const { runAgent } = await import('./agent/agent.ts');
  const { socketOf } = await import('./web/listen.ts');
  const { createPowerOff, createTimerRestart } = await import('./lifetime/power-off.ts');
  const metadataEndpoint = process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'];
  const compileCache = process.env['NODE_COMPILE_CACHE'];
  const path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const consolePath = textOption(values, 'console');
  const powerOffUnit = textOption(values, 'poweroff-unit');
  const timerUnit = textOption(values, 'lifetime-timer');
  const engineUnit = textOption(values, 'engine-unit');
  await runAgent({
    version,
    stateDir: textOption(values, 'state') ?? '/var/lib/onager',
    imageSettingsPath: textOption(values, 'config') ?? '/etc/onager/onager.yaml',
    ...(metadataEndpoint === undefined ? {} : { metadataEndpoint }),
    address: socketOf(process.env, process.pid) ?? {
      host: textOption(values, 'host') ?? '::',
      port: portOption(values, 80),
    },
    pageTemplate: await readPage(),
    engineCommand: [...self, 'engine'],
    engineEnv: {
      PATH: path,
      ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
    },
    ...(engineUnit === undefined ? {} : { engineUnit }),
    notifyEnv: process.env,
    ...(powerOffUnit === undefined
      ? {}
      : { powerOff: createPowerOff({ unit: powerOffUnit, path }) }),
    ...(timerUnit === undefined ? {} : { armTimer: createTimerRestart({ unit: timerUnit, path }) }),
    ...(consolePath === undefined ? {} : { console: consolePath }),
    provesIsolation: values['prove-isolation'] === true,
    ...(values['tied'] === true ? { abandoned: endOfInput() } : {}),
    signal,
  });
  return 0;
}

/** Aborted when whoever holds the other end of standard input is gone. */
function endOfInput(): AbortSignal {
  const controller = new AbortController();
  process.stdin.on('end', () => controller.abort()).on('error', () => controller.abort());
  process.stdin.resume();
  process.stdin.unref();
  return controller.signal;
}

async function engineCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = { 'prove-isolation': { type: 'boolean' } } as const;
  const { values, operand } = readArguments(args, options, 'PLAN');
  const { createLog } = await import('./log.ts');
  const { runSupervisor } = await import('./engine/supervisor/supervisor.ts');
  const { engineNamed } = await import('./engine/registry.ts');
  const log = createLog({ destinations: [process.stderr] });
  if (values['prove-isolation'] === true) void proveIsolation(operand, log);
  await runSupervisor({ planPath: operand, engines: engineNamed, log, signal });
  return 0;
}

// Beside the engine's start, which it must not hold up.
async function proveIsolation(planPath: string, log: Log): Promise<void> {
  const { attempts, probeIsolation } = await import('./engine/supervisor/isolation.ts');
  try {
    const engineDir = dirname(await realpath(planPath));
    const isolation = await probeIsolation(engineDir, attempts(dirname(engineDir)));
    log.info({ isolation }, 'isolation probed');
  } catch (error) {
    log.error({ err: error }, 'isolation not probed');
  }
}

async function rehearseCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, operand } = readArguments(
    args,
    {
      out: { type: 'string' },
      port: { type: 'string' },
      exit: { type: 'boolean' },
      var: { type: 'string', multiple: true },
    },
    'FILE|DIR',
  );
  const { rehearse } = await import('./rehearsal/rehearse.ts');
  const { stdin, stdout } = process;
  return await rehearse({
    source: operand,
    out: textOption(values, 'out') ?? 'onager-rehearsal',
    port: portOption(values, 0),
    // Where nobody can press Ctrl-C, serving on would never end.
    keepServing: values['exit'] !== true && stdin.isTTY && stdout.isTTY,
    vars: varsOption(values),
    agentCommand: [...self, 'agent'],
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    terminal: {
      isTTY: stdout.isTTY,
      columns: stdout.columns || 80,
      write: (text) => void stdout.write(text),
    },
    interrupted: signal,
    abandoned: abandoning.signal,
  });
}

async function checkCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = { json: { type: 'boolean' }, var: { type: 'string', multiple: true } } as const;
  const { values, operand } = readArguments(args, options, 'FILE|DIR');
  const { check, checkText } = await import('./commands/check.ts');
  const result = await check(operand, { vars: varsOption(values), signal });
  if (values['json'] === true) say(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (result.ok) say(checkText(result));
  else process.stderr.write(result.problems.map(problemText).join(''));
  const [problem] = result.problems;
  return problem === undefined ? 0 : errorCodes[problem.code].exit;
}

async function packCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = { output: { type: 'string', short: 'o' } } as const;
  const { values, operand } = readArguments(args, options, 'FILE|DIR');
  const { pack } = await import('./commands/pack.ts');
  return say(await pack(operand, { output: textOption(values, 'output'), signal }));
}

async function reportCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, operand } = readArguments(args, { out: { type: 'string' } }, 'RUN_DIR');
  const { report } = await import('./commands/report.ts');
  const pageTemplate = await readPage();
  const out = textOption(values, 'out');
  const { exit, text } = await report(operand, { out, pageTemplate, signal });
  say(text);
  return exit;
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
