/**
 * EC2's Query API, as strict about signatures, parameters and paging as EC2: for DescribeInstances
 * alone.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { S3Error } from '../../src/rehearsal/bucket/errors.ts';
import { authenticate, type Keys, sha256 } from '../../src/rehearsal/bucket/sigv4.ts';

export type Ec2Instance = Readonly<{
  instanceId: string;
  address?: string;
  launchIndex?: number;
  reservationId?: string;
  vpcId?: string;
  state?: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopped';
  tags?: Readonly<Record<string, string>>;
  /** How many requests do not see it yet: EC2 is eventually consistent. */
  unseenFor?: number;
}>;

export type Ec2ApiOptions = Readonly<{
  keys: Keys;
  instances: readonly Ec2Instance[];
  /** Sees each request first; true: it has answered, or never will. */
  intercept?(request: IncomingMessage, response: ServerResponse): boolean;
}>;

export type Ec2Api = AsyncDisposable &
  Readonly<{
    endpoint: string;
    /** The parameters of each request that was signed as it must be. */
    asked: readonly Readonly<Record<string, string>>[];
  }>;

class Ec2Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export async function startEc2Api(options: Ec2ApiOptions): Promise<Ec2Api> {
  const { keys, instances, intercept = () => false } = options;
  const asked: Readonly<Record<string, string>>[] = [];
  const server = createServer(async (request, response) => {
    if (intercept(request, response)) return;
    const { status, body } = await answer(request, keys, (parameters) => {
      asked.push(parameters);
      return described(parameters, instances, asked.length);
    });
    response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' }).end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answer(
  request: IncomingMessage,
  keys: Keys,
  describe: (parameters: Readonly<Record<string, string>>) => string,
): Promise<Readonly<{ status: number; body: string }>> {
  try {
    const body = await buffer(request);
    const { payload } = authenticate(request, keys, Date.now(), 'ec2');
    if (payload !== sha256(body)) throw new Ec2Error('SignatureDoesNotMatch', 'another body', 403);
    if (request.method !== 'POST' || request.url !== '/')
      throw new Ec2Error('InvalidRequest', `${request.method} ${request.url}`);
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      throw new Ec2Error('InvalidRequest', 'the body is not a form');
    const form = [...new URLSearchParams(body.toString())];
    const parameters = Object.fromEntries(form);
    if (Object.keys(parameters).length < form.length)
      throw new Ec2Error('MalformedQueryString', 'a parameter is given twice');
    return { status: 200, body: describe(parameters) };
  } catch (error) {
    if (error instanceof Ec2Error) return { status: error.status, body: ec2ErrorXml(error) };
    if (error instanceof S3Error)
      return { status: 401, body: ec2ErrorXml({ code: 'AuthFailure', message: error.message }) };
    throw error;
  }
}

export function ec2ErrorXml({
  code,
  message,
}: Readonly<{ code: string; message: string }>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>0ffe-1</RequestID></Response>`;
}

function described(
  parameters: Readonly<Record<string, string>>,
  instances: readonly Ec2Instance[],
  request: number,
): string {
  const { Action, Version, MaxResults = '1000', NextToken, ...filters } = parameters;
  if (Action !== 'DescribeInstances')
    throw new Ec2Error('InvalidAction', `The action ${Action} is not valid for this web service.`);
  if (Version !== '2016-11-15') throw new Ec2Error('NoSuchVersion', `version ${Version}`);
  const size = Number(MaxResults);
  if (!Number.isInteger(size) || size < 5 || size > 1_000)
    throw new Ec2Error('InvalidParameterValue', 'MaxResults is from 5 to 1000');
  const from = NextToken === undefined ? 0 : Number(/^token\+\/=(\d+)$/.exec(NextToken)?.[1]);
  if (Number.isNaN(from)) throw new Ec2Error('InvalidNextToken', 'Invalid next token.');
  const wanted = filtersIn(filters);
  const seen = instances.filter(({ unseenFor = 0 }) => request > unseenFor);
  const found = seen.filter((instance) => wanted.every((filter) => isMatch(instance, filter)));
  const next = from + size;
  const token = found.length > next ? `token+/=${next}` : undefined;
  return documentOf(found.slice(from, next), token);
}

type Filter = Readonly<{ name: string; values: readonly string[] }>;

function filtersIn(parameters: Readonly<Record<string, string>>): readonly Filter[] {
  const filters = new Map<string, { name?: string; values: string[] }>();
  for (const [key, value] of Object.entries(parameters)) {
    const [, at, what] = /^Filter\.(\d+)\.(Name|Value\.\d+)$/.exec(key) ?? [];
    if (at === undefined || what === undefined)
      throw new Ec2Error('UnknownParameter', `The parameter ${key} is not recognized`);
    const filter = filters.get(at) ?? { values: [] };
    filters.set(at, filter);
    if (what === 'Name') filter.name = value;
    else filter.values.push(value);
  }
  return [...filters.values()].map(({ name, values }) => {
    if (name === undefined || values.length === 0)
      throw new Ec2Error('InvalidParameterValue', 'a filter has no name, or no value');
    return { name, values };
  });
}

function isMatch(instance: Ec2Instance, { name, values }: Filter): boolean {
  const { reservationId = '', vpcId = '', state = 'running', tags = {} } = instance;
  const tag = name.startsWith('tag:') ? (tags[name.slice('tag:'.length)] ?? '') : undefined;
  const known: Readonly<Record<string, string>> = {
    'reservation-id': reservationId,
    'vpc-id': vpcId,
    'instance-state-name': state,
  };
  const value = tag ?? known[name];
  if (value === undefined)
    throw new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
  return values.includes(value);
}

function documentOf(found: readonly Ec2Instance[], token: string | undefined): string {
  const reservations = Map.groupBy(found, ({ reservationId = 'r-0' }) => reservationId);
  const items = [...reservations].map(
    ([id, instances]) => `
    <item>
      <reservationId>${id}</reservationId>
      <ownerId>123456789012</ownerId>
      <groupSet/>
      <instancesSet>${instances.map(itemOf).join('')}
      </instancesSet>
    </item>`,
  );
  const next = token === undefined ? '' : `\n  <nextToken>${token}</nextToken>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>8f7724cf-496f-496e-8fe3-example</requestId>
  <reservationSet>${items.join('')}
  </reservationSet>${next}
</DescribeInstancesResponse>`;
}

function itemOf(instance: Ec2Instance): string {
  const { instanceId, address, launchIndex = 0, state = 'running', tags = {} } = instance;
  const ip = address === undefined ? '' : `<privateIpAddress>${address}</privateIpAddress>`;
  const tagItems = Object.entries(tags).map(
    ([key, value]) => `<item><key>${escaped(key)}</key><value>${escaped(value)}</value></item>`,
  );
  return `
        <item>
          <instanceId>${instanceId}</instanceId>
          <imageId>ami-0abcdef</imageId>
          <instanceState><code>16</code><name>${state}</name></instanceState>
          <dnsName/>
          <amiLaunchIndex>${launchIndex}</amiLaunchIndex>
          ${ip}
          <networkInterfaceSet><item><privateIpAddress>192.0.2.99</privateIpAddress></item></networkInterfaceSet>
          <tagSet>${tagItems.join('')}</tagSet>
        </item>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
