/** Finds out from Tsung's output how a run ended: its exit code is nearly always 0. */

import { join } from 'node:path';
import type { Problem } from '../../../errors.ts';
import { readUntrustedEnd } from '../../../files/untrusted-text.ts';
import type { EngineOutput, Exit, Outcome } from '../../engine.ts';
import { endBytes, findLogFolder, readControllerLog } from '../output/log-folder.ts';
import { configErrorInWords } from './config-error.ts';
import { allCrashedProblem, crashWarning } from './crashes.ts';
import { firstWords, notStartedProblem } from './not-started.ts';
import { totalsOf } from './totals.ts';
import { unansweredProblem } from './unanswered.ts';

/** More than the supervisor keeps of the engine's output. */
const maxWordsBytes = 17 * 1024 ** 2;

/** A load that reached its end without a single answer has failed. */
export async function outcomeOf(output: EngineOutput, exit: Exit): Promise<Outcome> {
  const said = await readLogs(output);
  const outcome = endedBySupervisor(exit) ?? (await endedByItself(output, exit, said));
  if (outcome.kind !== 'complete' && outcome.kind !== 'cut') return outcome;
  const total = totalsOf(said.log);
  const problem = allCrashedProblem(total) ?? unansweredProblem(total);
  return problem === undefined ? outcome : { kind: 'failed', problem };
}

/** What went wrong in a load that continued. */
export async function warningsOf(output: EngineOutput): Promise<readonly Problem[]> {
  const { log } = await readLogs(output);
  const warning = crashWarning(totalsOf(log));
  return warning === undefined ? [] : [warning];
}

type Logs = Readonly<{ log: string; controller: string }>;

async function readLogs({ dir }: EngineOutput): Promise<Logs> {
  const folder = await findLogFolder(dir);
  if (folder === undefined) return { log: '', controller: '' };
  const log = readUntrustedEnd(join(folder, 'tsung.log'), endBytes);
  return { log, controller: await readControllerLog(folder) };
}

async function endedByItself(
  output: EngineOutput,
  exit: Exit,
  { log, controller }: Logs,
): Promise<Outcome> {
  if (log.includes('\nEndMonitor:') || log.startsWith('EndMonitor:')) {
    // The counter's increment in a block is above 0 if the end itself was an abort.
    if (!/^stats: error_abort \d+ [1-9]/m.test(log)) return { kind: 'complete' };
    if (controller.includes('max duration reached')) return { kind: 'cut' };
    return { kind: 'failed', problem: abortedProblem(controller) };
  }
  const stderr = readUntrustedEnd(join(output.dir, 'stderr.log'), maxWordsBytes);
  const stdout = readUntrustedEnd(join(output.dir, 'stdout.log'), maxWordsBytes);
  const refused =
    configErrorInWords(stderr, `${controller}\n${stdout}`) ??
    (log === '' ? notStartedProblem(`${stderr}\n${stdout}`, exit.exitCode) : undefined);
  if (refused !== undefined) return { kind: 'failed', problem: refused };
  return { kind: 'interrupted', problem: interruptedProblem(exit, stderr) };
}

/** If the supervisor stopped the engine, it knows best why. */
function endedBySupervisor(exit: Exit): Outcome | undefined {
  switch (exit.reason) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'duration-limit':
    case 'drain-limit':
      return { kind: 'cut' };
    case 'disk-limit':
      return {
        kind: 'interrupted',
        problem: {
          code: 'TSUNG_INTERRUPTED',
          message: exit.detail ?? 'the disk was nearly full',
          hint: 'use a larger disk, and no "samples: rows", which writes a row per request',
        },
      };
    case 'stalled':
      return {
        kind: 'failed',
        problem: {
          code: 'TSUNG_STALLED',
          message: exit.detail ?? 'tsung stopped making progress',
          hint: 'what was measured until then is reported; the log of the controller is engine/tsung/…/tsung_controller_….log',
        },
      };
    case 'spawn-failed':
      return {
        kind: 'failed',
        problem: {
          code: 'ENGINE_MISSING',
          message: exit.detail ?? 'tsung did not start',
          hint: 'apt-get install tsung',
        },
      };
    case 'lost':
      return { kind: 'interrupted', problem: interruptedProblem(exit) };
    case 'ended':
      return undefined;
    default:
      return exit.reason satisfies never;
  }
}

function abortedProblem(controller: string): Problem {
  return {
    code: 'TSUNG_ABORTED',
    message: abortedBecause(controller),
    hint: 'a scenario aborts by <abort type="all"/> or <match do="abort_test">; what was measured until then is reported',
  };
}

function abortedBecause(controller: string): string {
  if (controller.includes('OK match, aborting the whole test'))
    return 'the scenario ended the test: its <match do="abort_test"> took effect';
  if (controller.includes('Aborting the whole test by request'))
    return 'the scenario ended the test: a user reached its <abort type="all"/>';
  const reason = /Can't start [^\n]*|Abort !/.exec(controller)?.[0];
  return `tsung aborted the test${reason === undefined ? '' : `: ${reason.trim()}`}`;
}

function interruptedProblem(exit: Exit, stderr = ''): Problem {
  const how =
    exit.signal === undefined ? `exit code ${exit.exitCode ?? 'unknown'}` : `signal ${exit.signal}`;
  return {
    code: 'TSUNG_INTERRUPTED',
    message: exit.detail ?? `tsung ended without its closing line (${how})${lastWords(stderr)}`,
    hint: 'it was killed, or the machine went down; what was measured until then is reported',
  };
}

function lastWords(stderr: string): string {
  const words = firstWords(stderr);
  return words === undefined ? '' : `: ${words}`;
}
