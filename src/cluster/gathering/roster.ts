/** The members that are known so far: each has answered on its members' port. */

import type { Introduced, Member } from '../member.ts';

export type Roster = Readonly<{
  /** This member first, the others in the order in which they came. */
  members(): readonly [Member, ...Member[]];
  others(): readonly Member[];
  introduce(who: Introduced): void;
  add(member: Member): void;
  remove(instanceId: string): void;
  /** Those who are introduced and have not answered yet. */
  introduced(): readonly Introduced[];
  /** How many members there are as far as is known, this one included. */
  count(): number;
  /** What the leader said of that: it asks all, and the others ask few. */
  told(count: number): void;
  /** Resolves with the next change, or when `wake` is called. */
  changed(): Promise<void>;
  wake(): void;
}>;

/** Whoever has the key can introduce any number of instances. */
const maxIntroduced = 2_000;

export function createRoster(self: Member): Roster {
  const known = new Map<string, Member>();
  const introduced = new Map<string, Introduced>();
  let toldCount = 1;
  let change = Promise.withResolvers<void>();
  const wake = (): void => {
    change.resolve();
    change = Promise.withResolvers();
  };
  return {
    members: () => [self, ...known.values()],
    others: () => [...known.values()],
    introduce({ instanceId, launchIndex, address, port }) {
      if (instanceId === self.instanceId || known.has(instanceId)) return;
      const isNew = !introduced.has(instanceId);
      if (isNew && introduced.size >= maxIntroduced) return;
      introduced.set(instanceId, { instanceId, launchIndex, address, port });
      if (isNew) wake();
    },
    add(member) {
      introduced.delete(member.instanceId);
      if (member.instanceId === self.instanceId) return;
      known.set(member.instanceId, member);
      wake();
    },
    remove(instanceId) {
      known.delete(instanceId);
    },
    introduced: () => [...introduced.values()],
    count: () => Math.max(1 + known.size, toldCount),
    told(count) {
      toldCount = count;
    },
    changed: () => change.promise,
    wake,
  };
}
