/**
 * Auto Scaling's Query API with one group, as strict about signatures and parameters as AWS: for
 * TerminateInstanceInAutoScalingGroup alone.
 */

import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { authenticate, type Keys, sha256 } from '../../src/rehearsal/bucket/sigv4.ts';
import { portOf } from './tsung-run.ts';

type Group = { instances: string[]; desired: number; minimum: number; isAllowed: boolean };

type Answer = Readonly<{ status: number; body: string }>;

/** `silent`: it takes requests and never answers. */
export async function startAutoScaling(keys: Keys, group: Group, { silent = false } = {}) {
  const server = createServer(async (request, response) => {
    if (silent) return;
    const { status, body } = await answered(request, keys, group);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    endpoint: `http://127.0.0.1:${portOf(server.address())}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answered(request: IncomingMessage, keys: Keys, group: Group): Promise<Answer> {
  const body = await buffer(request);
  try {
    const { payload } = authenticate(request, keys, Date.now(), 'autoscaling');
    if (payload !== sha256(body)) return refused(403, 'SignatureDoesNotMatch', 'another body');
  } catch (error) {
    return refused(403, 'InvalidClientTokenId', String(error));
  }
  const { Action, Version, InstanceId, ShouldDecrementDesiredCapacity, ...others } =
    Object.fromEntries(new URLSearchParams(body.toString()));
  if (request.method !== 'POST' || Version !== '2011-01-01' || Object.keys(others).length > 0)
    return refused(400, 'InvalidAction', 'Could not find operation for this version');
  if (Action !== 'TerminateInstanceInAutoScalingGroup')
    return refused(400, 'InvalidAction', `Could not find operation ${Action}`);
  if (ShouldDecrementDesiredCapacity !== 'true' && ShouldDecrementDesiredCapacity !== 'false')
    return refused(400, 'ValidationError', "'shouldDecrementDesiredCapacity' must not be null");
  return ended(group, InstanceId ?? '', ShouldDecrementDesiredCapacity === 'true');
}

function ended(group: Group, instanceId: string, isDecremented: boolean): Answer {
  const where = `arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:u:autoScalingGroupName/load`;
  if (!group.isAllowed)
    return refused(
      403,
      'AccessDenied',
      `User: arn:aws:sts::123456789012:assumed-role/onager/${instanceId} is not authorized to perform: autoscaling:TerminateInstanceInAutoScalingGroup on resource: ${where}`,
    );
  const at = group.instances.indexOf(instanceId);
  if (at < 0)
    return refused(
      400,
      'ValidationError',
      `Instance Id not found - No managed instance found for instance ID: ${instanceId}`,
    );
  if (isDecremented && group.desired <= group.minimum)
    return refused(
      400,
      'ValidationError',
      `Currently, desiredSize equals minSize (${group.minimum}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  group.instances.splice(at, 1);
  if (isDecremented) group.desired -= 1;
  return {
    status: 200,
    body: `<TerminateInstanceInAutoScalingGroupResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><TerminateInstanceInAutoScalingGroupResult><Activity><StatusCode>InProgress</StatusCode><AutoScalingGroupName>load</AutoScalingGroupName></Activity></TerminateInstanceInAutoScalingGroupResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></TerminateInstanceInAutoScalingGroupResponse>`,
  };
}

function refused(status: number, code: string, message: string): Answer {
  return {
    status,
    body: `<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
  };
}
