/** Who this instance is. */

/**
 * What the metadata service says of this instance. Optional fields are absent where the service answers 404.
 * `launchedAt`: ISO 8601 UTC, from the identity document's `pendingTime`. After a stop and a start EC2 gives a new one.
 */
export type Identity = Readonly<{
  instanceId: string;
  launchedAt: string;
  imageId: string;
  instanceType: string;
  architecture: string;
  region: string;
  availabilityZone: string;
  accountId?: string;
  launchIndex: number;
  reservationId?: string;
  lifeCycle?: string;
  privateIp?: string;
  publicIp?: string;
  publicHostname?: string;
}>;
