/** What members of a cluster tell each other about themselves. */

import { isIPv4 } from 'node:net';
import { amount, type FromSchema, number, object, someText, text, wholeNumber } from '../schema.ts';

const fields = {
  instanceId: text('an instance id', (value) => /^[\w-]{1,64}$/.test(value)),
  launchIndex: wholeNumber,
  address: text('an IPv4 address', isIPv4),
  port: number('a port', (value) => Number.isInteger(value) && value > 0 && value < 65_536),
  page: someText,
  onager: someText,
  engine: someText,
  runtime: someText,
  cpus: amount,
} as const;

/**
 * `address`, `port`: of its members' port. `page`: the URL of its page. `cpus`: the load is shared
 * by them. `onager`, `engine`, `runtime`: versions.
 */
export type Member = FromSchema<typeof memberSchema>;

export const memberSchema = object(fields);

/** Where an instance says that its members' port is, before it has answered there. */
export type Introduced = FromSchema<typeof introducedSchema>;

export const introducedSchema = object({
  instanceId: fields.instanceId,
  launchIndex: fields.launchIndex,
  address: fields.address,
  port: fields.port,
});

/** Members in their rank: by launch index, and by instance id where that is the same. */
export function byRank(a: Ranked, b: Ranked): number {
  return a.launchIndex - b.launchIndex || (a.instanceId < b.instanceId ? -1 : 1);
}

type Ranked = Pick<Member, 'launchIndex' | 'instanceId'>;

/** The versions in which members differ, such as `engine: tsung 1.7.0 on i-1, 1.8.0 on i-2`. */
export function differences(members: readonly Member[]): readonly string[] {
  return (['onager', 'engine', 'runtime'] as const).flatMap((key) => {
    const owners = Map.groupBy(members, (member) => member[key]);
    if (owners.size < 2) return [];
    const each = [...owners].map(
      ([value, who]) => `${value} on ${who.map(({ instanceId }) => instanceId).join(', ')}`,
    );
    return [`${key}: ${each.join('; ')}`];
  });
}
