/**
 * The addresses at which members are known to be, by a list, the API or the bucket: they are
 * greeted, and asked on their members' port, until the roster has them.
 */

import { wait } from '../../retry.ts';
import type { AskMember } from '../channel/ask-member.ts';
import { parseStatus } from '../gathering/member-routes.ts';
import type { Roster } from '../gathering/roster.ts';
import type { Introductions, Self } from './introductions.ts';
import type { DiscoveryPace } from './pace.ts';

export type Contacts = Readonly<{
  add(addresses: Iterable<string>): void;
  count(): number;
  /** Both run until they are aborted. */
  keepGreeting(signal: AbortSignal): Promise<never>;
  keepAsking(signal: AbortSignal): Promise<never>;
}>;

type ContactsOptions = Readonly<{
  self: Self;
  introductions: Pick<Introductions, 'greet'>;
  ask: AskMember['ask'];
  roster: Pick<Roster, 'members' | 'introduced' | 'introduce'>;
  pace: DiscoveryPace;
}>;

/** A pace that Linux's neighbour table bears, if nobody is at any of the addresses. */
export const contactsPerSecond = 250;

/** Rounds at the first pace after an address has come; then each tenth. */
const eagerRounds = 60;

const maxAsked = 64;

const silentMs = 3_000;

/** Whoever may write into the bucket could add any number. */
const maxContacts = 2_000;

export function createContacts(options: ContactsOptions): Contacts {
  const { self, introductions, ask, roster, pace } = options;
  const addresses = new Set<string>();
  let rounds = 0;

  const missing = (): readonly string[] => {
    const met = new Set(
      [...roster.members(), ...roster.introduced()].map(({ address }) => address),
    );
    return [...addresses].filter((address) => !met.has(address));
  };

  /** A security group may let TCP through, and not UDP. */
  async function askAt(address: string, signal: AbortSignal): Promise<void> {
    try {
      const to = { address, port: self.port };
      const { status, bytes } = await ask(to, { path: '/member', silentMs }, signal);
      if (status === 200) roster.introduce(parseStatus(bytes.toString()).member);
    } catch {
      // It is asked again.
    }
  }

  async function keepAsking(signal: AbortSignal): Promise<never> {
    for (;;) {
      await wait(2 * pace.greetMs, signal);
      const all = missing();
      for (let from = 0; from < all.length; from += maxAsked) {
        const some = all.slice(from, from + maxAsked);
        await Promise.all(some.map((address) => askAt(address, signal)));
        signal.throwIfAborted();
      }
    }
  }

  async function keepGreeting(signal: AbortSignal): Promise<never> {
    for (;;) {
      rounds += 1;
      if (rounds <= eagerRounds || rounds % 10 === 0)
        await introductions.greet(missing(), { perSecond: contactsPerSecond }, signal);
      await wait(pace.greetMs, signal);
    }
  }

  return {
    add(more) {
      for (const address of more) {
        if (address === self.address || addresses.has(address)) continue;
        if (addresses.size >= maxContacts) return;
        addresses.add(address);
        rounds = 0;
      }
    },
    count: () => addresses.size,
    keepGreeting,
    keepAsking,
  };
}
