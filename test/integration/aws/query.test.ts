/** Requests of AWS's Query API, against one that is as strict as EC2. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type AwsQuery, query } from '../../../src/aws/query.ts';
import { textOf } from '../../../src/aws/xml.ts';
import { ec2ErrorXml, startEc2Api } from '../../support/ec2-api.ts';

const credentials = {
  accessKeyId: 'AKIDTEST',
  secretAccessKey: 'secret/+=key',
  sessionToken: 'a token/+=',
};
const keys = { ...credentials, region: 'eu-central-1' };
const { signal } = new AbortController();

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function ask(
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
  changed: Partial<AwsQuery> = {},
  aborted = signal,
) {
  const instances = [{ instanceId: 'i-1', address: '10.0.0.4', tags: { 'a b': 'ü<&> +/=' } }];
  const api = opened.use(await startEc2Api({ keys, instances, intercept }));
  return await query(
    {
      service: 'ec2',
      region: 'eu-central-1',
      version: '2016-11-15',
      action: 'DescribeInstances',
      parameters: { 'Filter.1.Name': 'tag:a b', 'Filter.1.Value.1': 'ü<&> +/=' },
      credentials: async () => credentials,
      endpoint: api.endpoint,
      ...changed,
    },
    aborted,
  );
}

const answering =
  (status: number, body: string) =>
  (_: IncomingMessage, response: ServerResponse): boolean => {
    response.writeHead(status).end(body);
    return true;
  };

describe('query', () => {
  it('signs what it sends, any characters included', async () => {
    const root = await ask();
    const item = ['reservationSet', 'item', 'instancesSet', 'item'];
    expect(textOf(root, ...item, 'instanceId')).toBe('i-1');
    expect(textOf(root, ...item, 'tagSet', 'item', 'value')).toBe('ü<&> +/=');
  });

  it.each([
    ['a secret that is wrong', { secretAccessKey: 'other' }, 'AuthFailure'],
    ['a token that is wrong', { sessionToken: 'other' }, 'AuthFailure'],
    ['a key that is unknown', { accessKeyId: 'AKIDOTHER' }, 'AuthFailure'],
  ])('tells the code of %s', async (_, wrong, code) => {
    const changed = { credentials: async () => ({ ...credentials, ...wrong }) };
    await expect(ask(undefined, changed)).rejects.toMatchObject({ name: 'AwsRefusal', code });
  });

  it.each([
    ['a parameter', { parameters: { Filters: 'x' } }, 'UnknownParameter'],
    ['an action', { action: 'TerminateInstances' }, 'InvalidAction'],
    ['a version', { version: '2010-01-01' }, 'NoSuchVersion'],
  ])('tells the code of %s that is not known', async (_, changed, code) => {
    await expect(ask(undefined, changed)).rejects.toMatchObject({ name: 'AwsRefusal', code });
  });

  it.each([
    {
      what: 'EC2',
      body: ec2ErrorXml({
        code: 'UnauthorizedOperation',
        message: `You are not. ${'x'.repeat(999)}`,
      }),
      code: 'UnauthorizedOperation',
    },
    {
      what: 'the other services',
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
      code: 'AccessDenied',
    },
    { what: 'a proxy', body: '<html><h1>Forbidden</h1>', code: 'HTTP 403' },
    { what: 'a proxy with XML', body: '<html><Code>a b</Code></html>', code: 'HTTP 403' },
    { what: 'nobody', body: '', code: 'HTTP 403' },
  ])('tells a refusal of $what in one short line', async ({ body, code }) => {
    const error: unknown = await ask(answering(403, body)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'AwsRefusal', code, status: 403 });
    expect(String(error)).toMatch(/^AwsRefusal: .{1,400}$/);
  });

  it.each([
    [
      'a page',
      answering(200, '<html><body>Please log in</body></html>'),
      'something other than ec2',
    ],
    ['the answer to something else', answering(200, '<RunInstancesResponse/>'), '"RunInstances'],
    ['half an answer', answering(200, '<DescribeInstancesResponse>'), 'it is not XML of AWS'],
    ['garbage', answering(200, '\u0000\u0001'), 'it is not XML of AWS'],
    ['another place', answering(307, ''), 'HTTP 307'],
    ['an answer without end', endless, 'more than 4194304 bytes'],
    [
      'a reset',
      (request: IncomingMessage) => Boolean(request.socket.resetAndDestroy()),
      'ECONNRESET',
    ],
  ])('rejects %s', async (_, intercept, words) => {
    await expect(ask(intercept)).rejects.toThrow(words);
  });

  it('ends at once when it is aborted, though nothing answers', async () => {
    const controller = new AbortController();
    const asking = ask(
      () => {
        controller.abort(new Error('enough'));
        return true;
      },
      {},
      controller.signal,
    );
    await expect(asking).rejects.toThrow('enough');
  });

  it('ends at once when it is aborted, though there are no credentials yet', async () => {
    const controller = new AbortController();
    const endless = async (): Promise<never> => {
      controller.abort(new Error('enough'));
      return await new Promise<never>(() => {});
    };
    const asking = ask(undefined, { credentials: endless }, controller.signal);
    await expect(asking).rejects.toThrow('enough');
  });

  it('says that there are no credentials', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('the instance has no IAM role');
    };
    await expect(ask(undefined, { credentials: refuse })).rejects.toThrow('no IAM role');
  });
});

function endless(_: IncomingMessage, response: ServerResponse): boolean {
  response.writeHead(200);
  const more = (): void => {
    while (response.write(' '.repeat(65_536)));
  };
  response.on('drain', more);
  more();
  return true;
}
