/** How a run of Tsung ended, by what it wrote: its exit code is 0 for nearly everything. */

import { join } from 'node:path';
import type { Problem } from '../../errors.ts';
import { readIfThere } from '../../files.ts';
import type { EngineOutput, Exit, Outcome } from '../engine.ts';
import { configErrorInWords } from './config-error.ts';
import { findLogFolder, readControllerLog, readTail } from './log-folder.ts';
import { unansweredProblem } from './unanswered.ts';

/** Holds a whole block of statistics, however many names there are. */
const tailBytes = 1024 * 1024;

/** A load that reached its end without one answer has failed. */
export async function outcomeOf(output: EngineOutput, exit: Exit): Promise<Outcome> {
  const folder = await findLogFolder(output.dir);
  const log = folder === undefined ? '' : await readTail(join(folder, 'tsung.log'), tailBytes);
  const outcome = endedByHost(exit) ?? (await endedByItself({ output, exit, folder, log }));
  if (outcome.kind !== 'complete' && outcome.kind !== 'cut') return outcome;
  const problem = unansweredProblem(log);
  return problem === undefined ? outcome : { kind: 'failed', problem };
}

async function endedByItself({
  output,
  exit,
  folder,
  log,
}: Readonly<{
  output: EngineOutput;
  exit: Exit;
  folder: string | undefined;
  log: string;
}>): Promise<Outcome> {
  const controller = folder === undefined ? '' : await readControllerLog(folder);
  if (log.includes('\nEndMonitor:') || log.startsWith('EndMonitor:')) {
    // The increment of the last block that has the counter: 1 where the end itself was an abort.
    if (!/^stats: error_abort \d+ [1-9]/m.test(log)) return { kind: 'complete' };
    if (controller.includes('max duration reached')) return { kind: 'cut' };
    return { kind: 'failed', problem: abortedProblem(controller) };
  }

  const stderr = (await readIfThere(join(output.dir, 'stderr.log'))) ?? '';
  const stdout = (await readIfThere(join(output.dir, 'stdout.log'))) ?? '';
  const refused = configErrorInWords(stderr, `${controller}\n${stdout}`);
  if (refused !== undefined) return { kind: 'failed', problem: refused };
  return { kind: 'interrupted', problem: interruptedProblem(exit) };
}

/** What the host process did, it knows best. */
function endedByHost(exit: Exit): Outcome | undefined {
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
          hint: 'use a larger disk, or "samples: false", which writes no row a request',
        },
      };
    case 'stalled':
      return {
        kind: 'failed',
        problem: {
          code: 'TSUNG_STALLED',
          message: exit.detail ?? 'tsung no longer did anything',
          hint: 'what was measured until then is reported; the log of the controller is engine/tsung/…/tsung_controller_….log',
        },
      };
    case 'spawn-failed':
      return {
        kind: 'failed',
        problem: {
          code: 'ENGINE_MISSING',
          message: exit.detail ?? 'tsung did not start',
          hint: 'apt-get install tsung libxml2-utils',
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
  const reason = /Can't start [^\n]*|Abort !|aborted by request !/.exec(controller)?.[0];
  return {
    code: 'TSUNG_ABORTED',
    message: `tsung aborted the test${reason === undefined ? '' : `: ${reason.trim()}`}`,
    hint: 'a scenario aborts by <abort type="all"/> or <match do="abort_test">; what was measured until then is reported',
  };
}

function interruptedProblem(exit: Exit): Problem {
  const how =
    exit.signal === undefined ? `exit code ${exit.exitCode ?? 'unknown'}` : `signal ${exit.signal}`;
  return {
    code: 'TSUNG_INTERRUPTED',
    message: exit.detail ?? `tsung ended without its closing line (${how})`,
    hint: 'it was killed, or the machine was; what was measured until then is reported',
  };
}
