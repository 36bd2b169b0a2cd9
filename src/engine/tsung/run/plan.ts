/** Plans a run of Tsung: the program, its arguments, environment and files. */

import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { dealOf, wholeDeal } from '../../deal.ts';
import type { Change, LoadShare, Machine, Plan } from '../../engine.ts';
import { logRoot, recordsFile } from '../output/log-folder.ts';
import { readLoad, sessionNamesOf } from '../scenario/load.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { requestSampling } from '../scenario/request-sampling.ts';
import type { Rewritten } from '../scenario/rewrite.ts';
import { hasOpenTargets, targetsOf } from '../scenario/targets.ts';
import { longestThinkMs } from '../scenario/think-time.ts';
import { usesTls } from '../scenario/tls.ts';
import { shareChanges } from '../share/changes.ts';
import { type Element, parseTree } from '../xml/tree.ts';
import { distributionPort } from './distribution-port.ts';
import { codePath } from './erlang.ts';
import type { Install } from './install.ts';
import { stopFileVariable } from './stop-file.ts';

/**
 * Holds the values of variables, and Tsung copies it beside its log: a dotfile is never published.
 */
const configFile = '.tsung.xml';
const stopFile = 'stop';
/** How long Tsung waits before the first user (`-w`). */
const warmUpMs = 1_000;
/** How long Tsung may take beyond a `duration` to start and end, on a very busy machine. */
const overheadMs = 15 * 60_000;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `prepared` and `rewritten`: without problems. `modules`: the folder of the compiled ones. */
export function createPlan({
  install,
  prepared,
  rewritten: { changes, text },
  machine: { outputDir, samples, tlsVerify = false },
  modules,
  limits,
  share,
}: Readonly<{
  install: Install;
  prepared: Prepared;
  rewritten: Rewritten;
  machine: Machine;
  modules: string;
  limits: Plan['limits'];
  share?: LoadShare | undefined;
}>): Plan {
  const { root, scenario } = prepared;
  const deal = share === undefined ? wholeDeal : dealOf(share);
  const output = fromWorkingFolder(scenario.dir, outputDir);
  const load = readLoad(
    root.children.find(({ name }) => name === 'load') ?? parseTree(''),
    sessionNamesOf(root),
    deal,
  );
  return {
    engine: 'tsung',
    argv: [
      install.script,
      // No dashboard; names that need no resolver; a random cookie.
      ...['-n', '-I', '127.0.0.1', '-i', randomBytes(16).toString('hex')],
      ...['-f', `${output}/${configFile}`, '-l', `${output}/${logRoot}`, 'start'],
    ],
    env: {
      HOME: output,
      PATH: path,
      LANG: 'C.UTF-8',
      ERL_AFLAGS: erlangFlags(distributionPort(share)),
      // The last of several `-pa` wins: only here it comes after Tsung's own.
      ERL_ZFLAGS: `-tsung_controller dumpstats_interval 1000 ${codePath(modules, samples !== false)}`,
      [stopFileVariable]: join(outputDir, stopFile),
      // Read by erlang/onager_mend.erl.
      ...(tlsVerify ? { ONAGER_TLS_VERIFY: 'true' } : {}),
      // Read by erlang/onager_share.erl.
      ...(deal.cycle === 1 ? {} : { ONAGER_SHARE: `${deal.cycle}:${deal.slots.join(',')}` }),
      ...(samples === false ? {} : { ONAGER_RECORDS: join(outputDir, recordsFile) }),
      ...(load.cutMs === undefined ? {} : { ONAGER_CUT_MS: `${load.cutMs + warmUpMs}` }),
    },
    cwd: scenario.dir,
    files: [{ path: configFile, content: text }],
    plannedDurationMs: load.durationMs,
    plannedUsers: load.users,
    loadPhases: load.phases,
    targets: [
      ...new Set(
        targetsOf(root).flatMap(({ host: name, port: known, element }) => {
          // A port may be a variable, of which the target is known all the same.
          const port = known ?? element.attribute('port');
          return port === undefined ? [] : [`${name.includes(':') ? `[${name}]` : name}:${port}`];
        }),
      ),
    ],
    ...(hasOpenTargets(root) ? { hasOpenTargets: true } : {}),
    changes: [
      ...(share === undefined ? [] : shareChanges(prepared, share)),
      ...changes,
      ...(tlsVerify || !usesTls(root) ? [] : [unverified]),
    ],
    sampling: requestSampling(root, samples),
    limits: load.cutMs === undefined ? drained(limits, root) : cut(limits, load.cutMs),
  };
}

/** Tsung has never verified them, where it connected at all. */
const unverified: Change = {
  what: 'certificates of targets are not verified',
  why: 'the setting tls.verify is false',
};

/**
 * Tsung's script splits a path at blanks, and Erlang reads each byte of one that is not ASCII as a
 * character. Neither is in the way from the working folder to the output, which lie in the same run
 * folder. The script takes absolute paths only, and `/proc/self/cwd` is the working folder as one.
 */
function fromWorkingFolder(cwd: string, outputDir: string): string {
  return `/proc/self/cwd/${relative(cwd, outputDir)}`;
}

/** The scenario sets its own end, whether or not users still wait. */
function cut({ drainMs: _, ...limits }: Plan['limits'], cutMs: number): Plan['limits'] {
  return { ...limits, durationMs: Math.min(limits.durationMs, cutMs + overheadMs) };
}

/** Users that think do not wait for an answer. */
function drained(limits: Plan['limits'], root: Element): Plan['limits'] {
  const { drainMs, ...others } = limits;
  const thinkMs = longestThinkMs(root);
  if (drainMs === undefined || thinkMs === undefined) return others;
  return { ...others, drainMs: drainMs + thinkMs };
}

/**
 * Erlang's distribution stays on loopback and does without epmd, a daemon that would outlive the
 * run. Without epmd the port must be given.
 */
function erlangFlags(port: number): string {
  return [
    '-kernel inet_dist_use_interface {127,0,0,1}',
    `-start_epmd false -erl_epmd_port ${port}`,
    "-eval 'onager_mend:start(), onager_end:start().'",
  ].join(' ');
}
