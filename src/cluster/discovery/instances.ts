/** The instances of the cluster, or those among which its members are, by the EC2 API. */

import { isIPv4 } from 'node:net';
import type { CredentialsProvider } from '../../aws/credentials.ts';
import { query } from '../../aws/query.ts';
import { childOf, textOf, type XmlElement } from '../../aws/xml.ts';
import type { ClusterId } from '../identity.ts';

type InstancesOptions = Readonly<{
  cluster: ClusterId;
  vpcId: string;
  region: string;
  credentials: CredentialsProvider;
  endpoint?: string | undefined;
}>;

type FoundInstance = Readonly<{ instanceId: string; address: string }>;

/** Some 5 KB of XML each. */
const pageSize = 200;

const maxPages = 50;

/** Pending ones too: they may be up before they are asked for again. */
export async function describeInstances(
  { cluster, vpcId, region, credentials, endpoint }: InstancesOptions,
  signal: AbortSignal,
): Promise<readonly FoundInstance[]> {
  const [name, value] = filterOf(cluster, vpcId);
  const parameters = {
    'Filter.1.Name': name,
    'Filter.1.Value.1': value,
    'Filter.2.Name': 'instance-state-name',
    'Filter.2.Value.1': 'pending',
    'Filter.2.Value.2': 'running',
    MaxResults: String(pageSize),
  };
  const found: FoundInstance[] = [];
  let token = '';
  for (let page = 0; page < maxPages; page++) {
    const answer = await query(
      {
        service: 'ec2',
        region,
        version: '2016-11-15',
        action: 'DescribeInstances',
        parameters: { ...parameters, ...(token === '' ? {} : { NextToken: token }) },
        credentials,
        endpoint,
      },
      signal,
    );
    found.push(...instancesIn(answer));
    token = textOf(answer, 'nextToken');
    if (token === '') break;
  }
  return found;
}

/** Nothing at EC2 has the name of `cluster.id`: its members are somewhere in the VPC. */
function filterOf({ kind, value }: ClusterId, vpcId: string): readonly [string, string] {
  const filters = {
    'cluster.id': ['vpc-id', vpcId],
    fleet: ['tag:aws:ec2:fleet-id', value],
    'auto-scaling-group': ['tag:aws:autoscaling:groupName', value],
    reservation: ['reservation-id', value],
  } as const;
  return filters[kind];
}

function instancesIn(answer: XmlElement): readonly FoundInstance[] {
  return itemsOf(answer, 'reservationSet').flatMap((reservation) =>
    itemsOf(reservation, 'instancesSet').flatMap((instance) => {
      const instanceId = textOf(instance, 'instanceId');
      const address = textOf(instance, 'privateIpAddress');
      return isIPv4(address) ? [{ instanceId, address }] : [];
    }),
  );
}

function itemsOf(element: XmlElement, set: string): readonly XmlElement[] {
  return (childOf(element, set)?.children ?? []).filter(({ name }) => name === 'item');
}
