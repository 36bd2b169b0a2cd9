/** What a member asks another one while they gather, and what an answer means. */

import { OnagerError } from '../../errors.ts';
import type { AskMember } from '../channel/ask-member.ts';
import type { Introduced } from '../member.ts';
import { type MemberStatus, parseStatus } from './member-routes.ts';

type Asker = Readonly<{ ask: AskMember['ask']; from: string; silentMs: number }>;

/** Undefined: no answer. An error: why the one that asks cannot belong to the cluster. */
export async function statusOf(
  { ask, from, silentMs }: Asker,
  who: Introduced,
  signal: AbortSignal,
): Promise<MemberStatus | OnagerError | undefined> {
  const path = `/member?from=${encodeURIComponent(from)}`;
  const text = await answerOf(ask(who, { path, silentMs }, signal));
  if (text === undefined) return undefined;
  const status = statusIn(text);
  if (status === undefined) return unreadable(who);
  return status.agreedWithout === undefined ? status : tooLate(status.agreedWithout);
}

/** Undefined: no answer, or a refusal. */
export async function answerOf(asking: ReturnType<AskMember['ask']>): Promise<string | undefined> {
  try {
    const { status, bytes } = await asking;
    return status === 200 ? bytes.toString() : undefined;
  } catch {
    return undefined;
  }
}

function statusIn(text: string): MemberStatus | undefined {
  try {
    return parseStatus(text);
  } catch {
    return undefined;
  }
}

function unreadable({ instanceId, address }: Introduced): OnagerError {
  const message = `${instanceId} at ${address} answers in a form that this version cannot read`;
  return new OnagerError('CLUSTER_MIXED', message, { hint: 'launch all from one image' });
}

function tooLate(runId: string): OnagerError {
  return new OnagerError(
    'CLUSTER_TOO_LATE',
    `the members have agreed on the run ${runId} without this instance`,
    { hint: 'the load runs without it: terminate it, or launch all members at once next time' },
  );
}
