/**
 * Finds the other members of the cluster: by the addresses that the user gives, the EC2 API, the
 * bucket, and a question to every address of the subnet.
 */

import type { Log } from '../../log.ts';
import { wait, waitAwake } from '../../retry.ts';
import type { AskMember } from '../channel/ask-member.ts';
import type { Roster } from '../gathering/roster.ts';
import { createContacts } from './contacts.ts';
import { unnamedHint, unreachableHint } from './hints.ts';
import { keepLooking } from './look.ts';
import { type DiscoveryPace, defaultPace } from './pace.ts';
import { createSources, type SourcesOptions } from './sources.ts';
import { keepSweeping } from './sweep.ts';

export type DiscoverOptions = SourcesOptions &
  Readonly<{
    /** With the key that admits members. */
    ask: AskMember['ask'];
    roster: Pick<Roster, 'members' | 'introduced' | 'introduce' | 'count'>;
    /** A sentence for the user: why members may not be found, and what to do. */
    onHint(text: string): void;
    pace?: DiscoveryPace;
    procDir?: string;
  }>;

const restartMs = 10_000;

/**
 * Runs until it is aborted, also when all members are found, and rejects with the reason of that
 * only. Whatever else fails is told.
 */
export async function discover(options: DiscoverOptions, signal: AbortSignal): Promise<never> {
  const { settings, self, network, region, introductions, roster, log, onHint } = options;
  const { pace = defaultPace, procDir } = options;
  const isComplete = (): boolean => roster.count() >= settings.size;
  const contacts = createContacts({ ...options, pace });
  using sources = createSources(options, { contacts, pace });
  const firstLooks = sources.all.map(() => Promise.withResolvers<void>());

  async function sweepThen(aborted: AbortSignal): Promise<never> {
    const looks = Promise.all(firstLooks.map(({ promise }) => promise));
    await Promise.race([looks, wait(pace.untilSweepMs, aborted)]);
    const isNeeded = (): boolean =>
      !isComplete() && (settings.discover === 'subnet' || !sources.knowWhere());
    const { greet } = introductions;
    return await keepSweeping({ network, greet, isNeeded, pace, procDir, log, onHint }, aborted);
  }

  async function tellIfAlone(aborted: AbortSignal): Promise<void> {
    await waitAwake(pace.aloneMs, aborted);
    if (isComplete() || roster.count() > 1) return;
    const isLost = settings.discover === 'none' && contacts.count() === 0;
    onHint(isLost ? unnamedHint({ region, self }) : unreachableHint({ network, region, self }));
  }

  const isSwept = settings.discover === 'subnet' || settings.discover === 'auto';
  await Promise.allSettled([
    ...sources.all.map((source, at) => {
      const onFirst = (): void => firstLooks[at]?.resolve();
      const isNeeded = (): boolean => !isComplete();
      return keepLooking(source, { isNeeded, onFirst, log, onHint }, signal);
    }),
    persist(contacts.keepGreeting, log, signal),
    persist(contacts.keepAsking, log, signal),
    tellIfAlone(signal),
    ...(isSwept ? [persist(sweepThen, log, signal)] : []),
  ]);
  signal.throwIfAborted();
  throw new Error('discovery ends by its signal alone');
}

/** Whatever fails is begun again. */
async function persist(
  run: (signal: AbortSignal) => Promise<never>,
  log: Log,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    try {
      return await run(signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, 'looking for members failed');
      await wait(restartMs, signal);
    }
  }
}
