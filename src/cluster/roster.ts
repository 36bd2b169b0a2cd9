/** The members that are known so far: each has answered on its members' port. */

import type { Member } from './member.ts';

/** Where an instance says that its members' port is, before it has answered there. */
export type Introduced = Pick<Member, 'instanceId' | 'launchIndex' | 'address' | 'port'>;

export type Roster = Readonly<{
  /** This member first, the others in the order in which they came. */
  members(): readonly [Member, ...Member[]];
  others(): readonly Member[];
  introduce(who: Introduced): void;
  add(member: Member): void;
  remove(instanceId: string): void;
  /** Those who are introduced and have not answered yet. */
  introduced(): readonly Introduced[];
}>;

/** Whoever has the key can introduce any number of instances. */
const maxIntroduced = 2_000;

export function createRoster(self: Member): Roster {
  const known = new Map<string, Member>();
  const introduced = new Map<string, Introduced>();
  return {
    members: () => [self, ...known.values()],
    others: () => [...known.values()],
    introduce(who) {
      const { instanceId } = who;
      if (instanceId === self.instanceId || known.has(instanceId)) return;
      if (introduced.size < maxIntroduced) introduced.set(instanceId, who);
    },
    add(member) {
      introduced.delete(member.instanceId);
      if (member.instanceId !== self.instanceId) known.set(member.instanceId, member);
    },
    remove(instanceId) {
      known.delete(instanceId);
    },
    introduced: () => [...introduced.values()],
  };
}
