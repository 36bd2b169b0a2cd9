/** Who this instance is. */

import { OnagerError } from '../errors.ts';

/**
 * What the metadata service says about this instance. Optional fields are absent if the service
 * answers 404. `launchedAt`: ISO 8601 UTC, from the identity document's `pendingTime`. After a stop
 * and a start EC2 gives a new one.
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

/** Where the parts of an identity are read from: the metadata service. */
type Source = Readonly<{
  text(path: string, signal: AbortSignal): Promise<string | undefined>;
  json(path: string, signal: AbortSignal): Promise<unknown>;
}>;

/**
 * Asks for the document first and then for the rest in parallel, so that only one request waits
 * for a dead service.
 */
export async function readIdentity(source: Source, signal: AbortSignal): Promise<Identity> {
  const documentPath = 'dynamic/instance-identity/document';
  const document = parseDocument(await source.json(documentPath, signal));
  const text = (name: string): Promise<string | undefined> =>
    source.text(`meta-data/${name}`, signal);
  const [launchIndex, reservationId, lifeCycle, publicIp, publicHostname] = await Promise.all(
    [
      'ami-launch-index',
      'reservation-id',
      'instance-life-cycle',
      'public-ipv4',
      'public-hostname',
    ].map(text),
  );
  return {
    ...document,
    launchIndex: /^\d{1,9}$/.test(launchIndex ?? '') ? Number(launchIndex) : 0,
    ...given({ reservationId, lifeCycle, publicIp, publicHostname }),
  };
}

function parseDocument(document: unknown): Omit<Identity, 'launchIndex'> {
  const fields = typeof document === 'object' && document !== null ? document : {};
  const values = new Map<string, unknown>(Object.entries(fields));
  const optional = (key: string): string | undefined => {
    const value = values.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const required = (key: string, pattern: RegExp): string => {
    const value = optional(key);
    if (value === undefined || !pattern.test(value)) throw unusable(key);
    return value;
  };
  const launchedAt = new Date(required('pendingTime', /^\d{4}-\d\d-\d\dT[\d:.]{8,}Z$/));
  if (Number.isNaN(launchedAt.getTime())) throw unusable('pendingTime');
  return {
    // It becomes the name of a folder.
    instanceId: required('instanceId', /^[\w-]{1,64}$/),
    launchedAt: launchedAt.toISOString(),
    imageId: optional('imageId') ?? '',
    instanceType: optional('instanceType') ?? '',
    architecture: optional('architecture') ?? '',
    region: required('region', /^[\w-]{1,64}$/),
    availabilityZone: optional('availabilityZone') ?? '',
    ...given({ accountId: optional('accountId'), privateIp: optional('privateIp') }),
  };
}

function unusable(key: string): OnagerError {
  return new OnagerError('IMDS_INVALID', `the identity document has no usable "${key}"`, {
    hint: 'is this an EC2 instance, and is AWS_EC2_METADATA_SERVICE_ENDPOINT an IMDSv2 service?',
  });
}

/** The fields that have a value. */
function given<K extends string>(
  fields: Readonly<Record<K, string | undefined>>,
): { [key in K]?: string } {
  const found: { [key in K]?: string } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined && value !== '') found[key] = value;
  }
  return found;
}
