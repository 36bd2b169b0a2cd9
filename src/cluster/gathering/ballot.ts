/** The one vote of a member, which outlives its agent. */

import { claim, readIfThere } from '../../files/files.ts';
import { object, parseWithSchema, wholeNumber } from '../../schema.ts';
import { type Member, memberSchema } from '../member.ts';

const schema = object({ version: wholeNumber, leader: memberSchema });

export type Ballot = Readonly<{
  votedFor(): Member | undefined;
  /** Whether the vote is this leader's. It is on the disk before this resolves. */
  give(leader: Member): Promise<boolean>;
}>;

export async function openBallot(path: string): Promise<Ballot> {
  let votedFor = await read(path);
  return {
    votedFor: () => votedFor,
    async give(leader) {
      if (votedFor === undefined) {
        await claim(path, JSON.stringify({ version: 1, leader }));
        votedFor = await read(path);
      }
      return votedFor?.instanceId === leader.instanceId;
    },
  };
}

async function read(path: string): Promise<Member | undefined> {
  const json = await readIfThere(path);
  return json === undefined ? undefined : parseWithSchema(schema, json).leader;
}
