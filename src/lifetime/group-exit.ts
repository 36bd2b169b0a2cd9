/**
 * Takes the instance out of its Auto Scaling group before it powers off, so that the group does not
 * replace it.
 */

import type { CredentialsProvider } from '../aws/credentials.ts';
import type { Imds } from '../aws/imds.ts';
import { AwsRefusal, query } from '../aws/query.ts';
import { messageOf, OnagerError, problemsOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { orAborted } from '../retry.ts';
import type { RunStore } from '../run/store.ts';
import { warn } from '../run/warnings.ts';
import { groupTag } from './auto-scaling.ts';
import type { PowerOff } from './power-off.ts';

/** A group that does not answer must not keep the machine up. */
const limitMs = 10_000;

type InGroup = Readonly<{
  instanceId: string;
  region: string;
  credentials: CredentialsProvider;
  imds: Pick<Imds, 'peek'>;
  /** Of Auto Scaling, in place of the region's own. */
  endpoint?: string;
}>;

export type GroupExit = Readonly<{
  /** The settings say that the instance belongs to a group. */
  learn(member: InGroup): void;
  /** The same power-off, after the instance has left its group or could not. */
  before(powerOff: PowerOff): PowerOff;
}>;

export function createGroupExit({
  store,
  log,
  timeoutMs = limitMs,
}: Readonly<{ store: RunStore; log: Log; timeoutMs?: number }>): GroupExit {
  let member: InGroup | undefined;
  let hasLeft = false;

  async function leave(known: InGroup): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    const group = orAborted(groupOf(known, signal), signal).catch(() => undefined);
    try {
      await orAborted(terminate(known, signal), signal);
      hasLeft = true;
      log.info('the Auto Scaling group ends this instance, and does not replace it');
    } catch (error) {
      log.error({ err: error }, 'leaving the Auto Scaling group failed');
      const name = await group;
      // Without its tags it may be in no group at all.
      if (name === undefined && isNoMember(error)) return;
      void warn(store, problemsOf(notLeft(name, signal.aborted ? undefined : error, timeoutMs)));
    }
  }

  return {
    learn(known) {
      member = known;
    },
    before: (powerOff) => async () => {
      if (member !== undefined && !hasLeft) await leave(member);
      await powerOff();
    },
  };
}

async function terminate(
  { instanceId, region, credentials, endpoint }: InGroup,
  signal: AbortSignal,
): Promise<void> {
  const parameters = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: 'true' };
  const action = 'TerminateInstanceInAutoScalingGroup';
  const asked = { service: 'autoscaling', version: '2011-01-01', action, parameters } as const;
  await query({ ...asked, region, credentials, endpoint }, signal);
}

async function groupOf({ imds }: InGroup, signal: AbortSignal): Promise<string | undefined> {
  return await imds.peek(`meta-data/tags/instance/${groupTag}`, signal);
}

function isNoMember(error: unknown): boolean {
  return error instanceof AwsRefusal && error.code === 'ValidationError';
}

function notLeft(group: string | undefined, error: unknown, timeoutMs: number): OnagerError {
  const which =
    group === undefined ? 'its Auto Scaling group' : `the Auto Scaling group "${group}"`;
  const why = error === undefined ? `no answer in ${timeoutMs / 1_000} s` : messageOf(error);
  return new OnagerError(
    'ASG_NOT_LEFT',
    `the instance could not leave ${which}, which replaces it, and the replacement fires the load again: ${why}`,
    {
      hint:
        "lower the group's desired capacity now; allow the role " +
        "autoscaling:TerminateInstanceInAutoScalingGroup, and set the group's minimum to 0",
    },
  );
}
