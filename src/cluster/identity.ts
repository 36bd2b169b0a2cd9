/** Which cluster an instance belongs to, and the key that only its members can derive. */

import { createHash, hkdfSync } from 'node:crypto';

/** `kind`: which of the names that instances may share it is. */
export type ClusterId = Readonly<{
  kind: 'cluster.id' | 'fleet' | 'auto-scaling-group' | 'reservation';
  value: string;
}>;

/**
 * The first that there is of: the setting, the EC2 Fleet, the Auto Scaling group, the reservation.
 * Fleets and groups launch each instance in a reservation of its own, and say in a tag whose it is.
 */
export function clusterId({
  setting,
  tags,
  reservationId,
}: Readonly<{
  setting?: string | undefined;
  tags: Readonly<Record<string, string>>;
  reservationId?: string | undefined;
}>): ClusterId | undefined {
  const known = [
    ['cluster.id', setting],
    ['fleet', tags['aws:ec2:fleet-id']],
    ['auto-scaling-group', tags['aws:autoscaling:groupName']],
    ['reservation', reservationId],
  ] as const;
  for (const [kind, value] of known)
    if (value !== undefined && value !== '') return { kind, value };
  return undefined;
}

/** What names a cluster in datagrams: 16 hexadecimal digits. */
export function clusterHash({ kind, value }: ClusterId): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, value]));
  return hash.digest('hex').slice(0, 16);
}

type KeySource = Readonly<{
  userData: Uint8Array;
  /** The setting `cluster.key`. */
  secret?: string | undefined;
  accountId: string;
  vpcId: string;
  /** Absent: for datagrams, which name their cluster: those of others are recognized by it. */
  cluster?: ClusterId;
}>;

/**
 * 32 bytes. Whoever has the user-data can derive them, as those can who may read the launch
 * template: they admit a member until membership is frozen, and nothing else. `secret` keeps out
 * whoever has the user-data but not the settings beside it.
 */
export function deriveKey({ userData, secret, accountId, vpcId, cluster }: KeySource): Buffer {
  const hash = createHash('sha256').update(userData).digest();
  const material = Buffer.concat([hash, Buffer.from(secret ?? '')]);
  // A list as JSON: names that are glued together could be cut elsewhere.
  const names = cluster === undefined ? [] : [cluster.kind, cluster.value];
  const salt = JSON.stringify([accountId, vpcId, ...names]);
  const use = cluster === undefined ? 'onager-hello-v1' : 'onager-cluster-v1';
  return Buffer.from(hkdfSync('sha256', material, salt, use, 32));
}
