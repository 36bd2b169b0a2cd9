/** Finds targets that cannot or must not be reached, without sending them anything. */

import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, type Problem } from '../../errors.ts';
import { isForbidden, literalAddress } from './addresses.ts';
import type { Prepared } from './prepare.ts';
import { type Target, targetsOf } from './targets.ts';

const resolveTimeoutMs = 5_000;
const maxLookups = 200;

/** The addresses of a name; rejects where it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

export async function targetProblems(
  { root, where }: Prepared,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const targets = targetsOf(root);
  const byHost = new Map<string, Target>();
  for (const target of targets) if (!byHost.has(target.host)) byHost.set(target.host, target);
  const hosts = await Promise.all(
    [...byHost.values()]
      .slice(0, maxLookups)
      .map((target) => hostProblems(target, where(target.element.start), resolve, signal)),
  );
  return [...portProblems(targets, where), ...hosts.flat()];
}

function portProblems(targets: readonly Target[], where: Prepared['where']): readonly Problem[] {
  return targets.flatMap(({ host, port, element }) => {
    const written = element.attribute('port');
    const isKnown = element.name !== 'http' && written?.includes('%%') !== true;
    const isMissing = port === undefined && written !== undefined && isKnown;
    const isWrong = port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535);
    if (!isMissing && !isWrong) return [];
    return [
      {
        code: 'TSUNG_PORT' as const,
        message: `port "${written ?? port}" of "${host}" is no port`,
        hint: 'ports are whole numbers from 1 to 65535',
        where: where(element.start),
      },
    ];
  });
}

async function hostProblems(
  { host }: Target,
  where: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const literal = literalAddress(host);
  if (literal !== undefined)
    return isForbidden(literal) ? [forbiddenProblem(host, host, where)] : [];
  const addresses = await resolveInTime(host, resolve, signal);
  if (typeof addresses === 'string') {
    return [
      {
        code: 'TARGET_UNRESOLVABLE',
        message: `target "${host}" has no address: ${addresses}`,
        hint: 'check the spelling, and whether the name is known where the instance runs',
        where,
      },
    ];
  }
  const address = addresses.find(isForbidden);
  return address === undefined ? [] : [forbiddenProblem(host, address, where)];
}

/** The addresses, or why there are none. */
async function resolveInTime(
  host: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[] | string> {
  const timer = new AbortController();
  const late = sleep(resolveTimeoutMs, undefined, {
    signal: AbortSignal.any([signal, timer.signal]),
  }).then(() => `no answer within ${resolveTimeoutMs / 1000} s`);
  try {
    return await Promise.race([resolve(host), late]);
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, 'ENOTFOUND')) return 'no such name';
    if (hasCode(error, 'EAI_AGAIN')) return 'the resolver does not answer';
    return error instanceof Error ? error.message : String(error);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}

function forbiddenProblem(host: string, address: string, where: string): Problem {
  return {
    code: 'TARGET_FORBIDDEN',
    message: `target "${host}" is ${host === address ? '' : `${address}, `}an address of the instance metadata service`,
    hint: 'name the site that is to be tested',
    where,
  };
}
