/** A gathering member in a process of its own, which a test can stop and continue, and ends. */

import { list, number, object, parseWithSchema, text } from '../../src/schema.ts';
import { memberAt, startMember } from './cluster-members.ts';

const options = object({ dir: text(), port: number(), size: number(), index: number() });
const meets = list(number());

const [given = '', others = ''] = process.argv.slice(2);
const parsed = parseWithSchema(options, given);
const member = await startMember({ ...parsed, lostMs: 60_000 });
member.meets(
  ...parseWithSchema(meets, others).map((index) => ({ self: memberAt({ ...parsed, index }) })),
);
// Its port stays open, as an agent's: the leader may not have had its answer.
process.send?.(JSON.stringify(await member.agreed));
