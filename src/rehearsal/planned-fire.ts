/** What a rehearsal is about to fire, and at whom: asked for before anything of it runs. */

import { lookup } from 'node:dns/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeRunConfig, readRunConfig } from '../agent/phases/configuration.ts';
import { obtainScenario } from '../agent/phases/fetching.ts';
import { prepare } from '../agent/phases/preparing.ts';
import { unpack } from '../agent/phases/unpacking.ts';
import { isLoopback } from '../engine/addresses.ts';
import type { Plan } from '../engine/engine.ts';
import { OnagerError, ProblemsError } from '../errors.ts';
import { runFolder } from '../run/folder.ts';
import type { Settings } from '../settings/settings.ts';
import { counted, replaceUnseen } from '../text.ts';

/** The bytes of user-data, or of a zip that is too large for them; and the instance's tags. */
export type PlannedLaunch = Readonly<{
  userData: Buffer;
  tags: Readonly<Record<string, string>>;
  offeredVars: readonly string[];
}>;

/**
 * Whether it may fire at another machine: as answered, or `agreed` beforehand; undefined: there is
 * nobody to ask.
 */
export type Agreement = ((question: string) => Promise<boolean>) | 'agreed' | undefined;

type Consent = Readonly<{
  say(text: string): void;
  ask: Agreement;
  signal: AbortSignal;
}>;

/**
 * Says what will be fired at whom. Asks before it is fired at another machine than this one. Gives
 * the size of the cluster that it is for; undefined: it says nothing of one.
 *
 * @throws ProblemsError, OnagerError: what is wrong with the scenario, and FIRE_REFUSED
 */
export async function agreeToFire(
  launch: PlannedLaunch,
  consent: Consent,
): Promise<number | undefined> {
  const planned = await planOf(launch, consent.signal);
  if (planned === undefined) return undefined;
  await agreeToPlan(planned.plan, consent);
  return planned.settings.cluster?.size;
}

async function agreeToPlan(plan: Plan, consent: Consent): Promise<void> {
  const targets = await Promise.all(
    plan.targets.map(async (name) => ({ name, isHere: await isThisMachine(hostOf(name)) })),
  );
  const others = targets.filter(({ isHere }) => !isHere).map(({ name }) => name);
  if (plan.hasOpenTargets === true) others.push('hosts that only the run itself finds out');
  const say = (verb: string): void =>
    consent.say(`${verb} ${loadText(plan)} at ${replaceUnseen(targetText(plan, targets))}\n`);
  if (others.length === 0 || consent.ask === 'agreed') return say('fires');
  const whom = replaceUnseen(others.join(', '));
  if (consent.ask === undefined) {
    throw refused(
      `${whom} (${loadText(plan)}): not this machine, there is no terminal to ask at, and no --yes`,
    );
  }
  say('would fire');
  if (!(await consent.ask(`Fire at ${whom}? [y/N] `))) {
    throw refused(`${whom}: the answer was not yes`);
  }
}

/** By the steps of an instance; undefined where it would be idle. */
async function planOf(
  { userData, tags, offeredVars }: PlannedLaunch,
  signal: AbortSignal,
): Promise<Readonly<{ plan: Plan; settings: Settings }> | undefined> {
  const work = await mkdtemp(join(tmpdir(), 'onager-rehearse-'));
  try {
    const folder = runFolder(work);
    const sources = { userData, tags };
    const first = readRunConfig(sources);
    if (first.userData.kind === 'idle') return undefined;
    await obtainScenario(first, { folder, access: {}, signal });
    const settingsText = await unpack(first, folder, signal);
    const { settings } = completeRunConfig(sources, first, settingsText);
    const { preparation } = await prepare(settings, folder, { signal, offeredVars });
    if ('problems' in preparation) throw new ProblemsError(preparation.problems);
    return { plan: preparation.plan, settings };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type FireTarget = Readonly<{ name: string; isHere: boolean }>;

function targetText({ hasOpenTargets }: Plan, targets: readonly FireTarget[]): string {
  return [
    ...targets.map(({ name, isHere }) => (isHere ? `${name} (this machine)` : name)),
    ...(hasOpenTargets === true ? ['hosts that only the run itself finds out'] : []),
  ].join(', ');
}

/** `280 users in 35 s, at most 12 new ones a second`. */
function loadText({ loadPhases, plannedDurationMs, plannedUsers }: Plan): string {
  const peak = Math.max(0, ...loadPhases.map(({ arrivalRate = 0 }) => arrivalRate));
  const how = [
    plannedUsers === undefined
      ? 'a number of users that is not known'
      : counted(plannedUsers, 'user'),
    plannedDurationMs === undefined ? '' : `in ${plannedDurationMs / 1000} s`,
  ];
  const most =
    peak === 0
      ? ''
      : `, at most ${peak === 1 ? '1 new one' : `${Number(peak.toPrecision(3))} new ones`} a second`;
  return `${how.filter(Boolean).join(' ')}${most}`;
}

/** Of `host:port`; a host that is an IPv6 address is in brackets. */
function hostOf(target: string): string {
  return target.slice(0, target.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

async function isThisMachine(host: string): Promise<boolean> {
  if (isLoopback(host)) return true;
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopback(address));
}

function refused(why: string): OnagerError {
  return new OnagerError('FIRE_REFUSED', `nothing was fired at ${why}`, {
    hint: '--yes fires without asking; --duration 30s and --rate 10% make a short trial of it',
  });
}
