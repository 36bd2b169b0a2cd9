/** What a member answers on its members' port until the membership is agreed on. */

import type { FastifyInstance } from 'fastify';
import { claim, readIfThere } from '../../files/files.ts';
import { problem } from '../../run/problem-schema.ts';
import {
  type FromSchema,
  list,
  object,
  parseWithSchema,
  someText,
  wholeNumber,
} from '../../schema.ts';
import { introducedSchema, memberSchema } from '../member.ts';
import {
  judge,
  type Membership,
  membershipSchema,
  parseMembership,
  proposalSchema,
} from './agreement.ts';
import type { Ballot } from './ballot.ts';
import type { Roster } from './roster.ts';

/**
 * `nowMs`: Unix time, by the member's own clock. `count`: of the members it knows of. `failed`: why
 * it will not fire. `agreedWithout`: the id of a run that members have agreed on, and the one that
 * asks does not belong to it.
 */
const statusSchema = object(
  { member: memberSchema, nowMs: wholeNumber, count: wholeNumber },
  { failed: problem, agreedWithout: someText },
);
export type MemberStatus = FromSchema<typeof statusSchema>;

/** Another version may say more. */
export function parseStatus(json: string): MemberStatus {
  return parseWithSchema(statusSchema, json, { unknownFields: 'kept' });
}

type RoutesOptions = Readonly<{
  roster: Roster;
  ballot: Ballot;
  membershipPath: string;
  failed(): MemberStatus['failed'];
  /** It is on the disk. */
  onMembership?(membership: Membership): void;
}>;

/**
 * What the derived key opens once members have agreed: whoever comes later is told so, and a leader
 * whose agent was restarted can tell the membership again.
 */
export const afterAgreement = ['/member', '/membership'] as const;

/** Bodies are JSON; what cannot be read is answered with 400. */
export function memberRoutes(
  server: FastifyInstance,
  { roster, ballot, membershipPath, failed, onMembership }: RoutesOptions,
): void {
  let agreed: Membership | undefined;
  async function agreedWithout(from: unknown): Promise<string | undefined> {
    const json = agreed === undefined ? await readIfThere(membershipPath) : undefined;
    agreed ??= json === undefined ? undefined : parseMembership(json);
    const isMember = agreed?.members.some(({ instanceId }) => instanceId === from) ?? true;
    return isMember ? undefined : agreed?.runId;
  }

  server.get<{ Querystring: { from?: unknown } }>(
    '/member',
    async ({ query: { from } }): Promise<MemberStatus> => {
      const [why, runId] = [failed(), await agreedWithout(from)];
      return {
        member: roster.members()[0],
        nowMs: Date.now(),
        count: roster.count(),
        ...(why === undefined ? {} : { failed: why }),
        ...(runId === undefined ? {} : { agreedWithout: runId }),
      };
    },
  );

  server.post('/introductions', async ({ body }, reply) => {
    const members = read(list(introducedSchema), body);
    if (members === undefined) return await reply.code(400).send();
    for (const member of members) roster.introduce(member);
    return {};
  });

  server.post('/vote', async ({ body }, reply) => {
    const proposal = read(proposalSchema, body);
    if (proposal === undefined) return await reply.code(400).send();
    const why = failed();
    if (why !== undefined) return { granted: false, failed: why };
    const vote = judge(proposal, { known: roster.members(), votedFor: ballot.votedFor() });
    if (!vote.granted || (await ballot.give(proposal.leader))) return vote;
    return { granted: false, votedFor: ballot.votedFor()?.instanceId };
  });

  server.post('/membership', async ({ body }, reply) => {
    const membership = read(membershipSchema, body);
    if (membership === undefined) return await reply.code(400).send();
    const isLeaders = ballot.votedFor()?.instanceId === membership.leader;
    // Who has voted, and has been stopped since, does not fire.
    if (!isLeaders || failed() !== undefined) return await reply.code(409).send();
    const text = JSON.stringify(membership);
    await claim(membershipPath, text);
    // It is told again where its answer was lost.
    if ((await readIfThere(membershipPath)) !== text) return await reply.code(409).send();
    onMembership?.(membership);
    roster.wake();
    return { stored: true };
  });
}

function read<T>(schema: Parameters<typeof parseWithSchema<T>>[0], body: unknown): T | undefined {
  try {
    return typeof body === 'string' ? parseWithSchema(schema, body) : undefined;
  } catch {
    return undefined;
  }
}
