/** Finds targets that cannot or must not be reached, without sending them anything. */

import type { Problem } from '../../errors.ts';
import { isForbidden, literalAddress } from './addresses.ts';
import type { Prepared } from './prepare.ts';
import type { Resolve } from './resolve.ts';
import { type Target, targetsOf } from './targets.ts';

const maxLookups = 200;

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
  const addresses = await resolve(host, signal);
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

function forbiddenProblem(host: string, address: string, where: string): Problem {
  return {
    code: 'TARGET_FORBIDDEN',
    message: `target "${host}" is ${host === address ? '' : `${address}, `}an address of the instance metadata service`,
    hint: 'name the site that is to be tested',
    where,
  };
}
