/** Finds targets that cannot or must not be reached, without sending them anything. */

import type { Problem } from '../../../errors.ts';
import { addressIn, isForbidden, literalAddress, membersPortNumber } from '../../addresses.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { addressedIn, type LoadTarget, targetsOf } from '../scenario/targets.ts';
import { hostProblem } from './hosts.ts';
import type { Resolve } from './resolve.ts';

const maxLookups = 200;

export async function targetProblems(
  { root, where }: Prepared,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const targets = targetsOf(root);
  const misspelt = new Map(
    targets
      .filter(({ host }) => !isForbidden(host))
      .map((target) => [target, hostProblem(target, where)]),
  );
  const names = new Map<string, LoadTarget>();
  for (const target of targets) {
    const { host } = target;
    const isName = misspelt.get(target) === undefined && literalAddress(host) === undefined;
    if (isName && !names.has(host)) names.set(host, target);
  }
  const hosts = await Promise.all(
    [...names.values()]
      .slice(0, maxLookups)
      .map((target) => hostProblems(target, where(target.element.start), resolve, signal)),
  );
  return [
    ...portProblems(targets, where),
    ...[...misspelt.values()].filter((problem) => problem !== undefined),
    ...forbiddenAddresses(root, targets, where),
    ...hosts.flat(),
  ];
}

/** Forbidden addresses, wherever they are written. Outside targets, the whole value is shown. */
function forbiddenAddresses(
  root: Prepared['root'],
  targets: readonly LoadTarget[],
  where: Prepared['where'],
): readonly Problem[] {
  const direct = targets.filter(({ host }) => isForbidden(host));
  const known = new Set(direct.map(({ element }) => element));
  const others = addressedIn(root).flatMap(({ value, element }) => {
    // Digits alone may be anything, and what follows a slash is a path.
    const isHost = /[.:]/.test(value) && !/[/\\]/.test(value);
    const host = isHost ? literalAddress(value) : undefined;
    const address = [addressIn(value), host].find((one) => one !== undefined && isForbidden(one));
    if (known.has(element) || address === undefined) return [];
    return [forbiddenProblem(value, address, where(element.start))];
  });
  const told = [...Map.groupBy(direct, ({ host }) => host).values()].flatMap(([first]) =>
    first === undefined ? [] : first,
  );
  return [
    ...told.map(({ host, element }) => forbiddenProblem(host, host, where(element.start))),
    ...others,
  ];
}

function portProblems(
  targets: readonly LoadTarget[],
  where: Prepared['where'],
): readonly Problem[] {
  return targets.flatMap(({ host, port, element }): readonly Problem[] => {
    if (port === membersPortNumber) return [membersPortProblem(host, where(element.start))];
    const written = element.attribute('port');
    const isKnown = element.name !== 'http' && written?.includes('%%') !== true;
    const isMissing = port === undefined && written !== undefined && isKnown;
    const isWrong = port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535);
    if (!isMissing && !isWrong) return [];
    return [
      {
        code: 'TSUNG_PORT',
        message: `port "${written ?? port}" of "${host}" is not a port`,
        hint: 'ports are whole numbers from 1 to 65535',
        where: where(element.start),
      },
    ];
  });
}

function membersPortProblem(host: string, where: string): Problem {
  return {
    code: 'TARGET_FORBIDDEN',
    message: `target "${host}" has port ${membersPortNumber}, at which the members of a cluster talk with each other`,
    hint: 'an instance keeps its load from this port of every machine: let the target listen on another one',
    where,
  };
}

async function hostProblems(
  { host }: LoadTarget,
  where: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
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
