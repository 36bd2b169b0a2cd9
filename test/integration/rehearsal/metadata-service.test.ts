/** The simulated metadata service is as strict as the real one. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type MetadataService,
  startMetadataService,
} from '../../../src/rehearsal/metadata-service.ts';

const identity = {
  instanceId: 'i-0abc',
  launchedAt: '2026-11-22T22:10:00.000Z',
  imageId: 'ami-1',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  launchIndex: 0,
};
const ttl = 'X-aws-ec2-metadata-token-ttl-seconds';

let service: MetadataService;
beforeEach(async () => {
  service = await startMetadataService({
    identity,
    userData: Buffer.from([0x50, 0x4b, 0xff]),
    tags: { 'onager:slo': 'p95 < 1s' },
    role: {
      name: 'loader',
      credentials: {
        accessKeyId: 'A',
        secretAccessKey: 'S',
        sessionToken: 'T',
        expiration: new Date(0),
      },
    },
  });
});
afterEach(() => service.close());

async function token(): Promise<string> {
  const response = await fetch(`${service.url}/latest/api/token`, {
    method: 'PUT',
    headers: { [ttl]: '60' },
  });
  expect(response.headers.get(ttl)).toBe('60');
  return response.text();
}

async function get(path: string): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    headers: { 'X-aws-ec2-metadata-token': await token() },
  });
}

describe('tokens', () => {
  it.each([undefined, '0', '-1', '21601', 'x', '1.5', '1e3', ''])(
    'refuses the lifetime %j',
    async (value) => {
      const response = await fetch(`${service.url}/latest/api/token`, {
        method: 'PUT',
        headers: value === undefined ? {} : { [ttl]: value },
      });
      expect(response.status).toBe(400);
    },
  );

  it('refuses a request that came through a proxy', async () => {
    const response = await fetch(`${service.url}/latest/api/token`, {
      method: 'PUT',
      headers: { [ttl]: '60', 'X-Forwarded-For': '192.0.2.1' },
    });
    expect(response.status).toBe(403);
  });

  it.each([{}, { 'X-aws-ec2-metadata-token': 'guess' }])(
    'answers 401 to the token %j',
    async (headers) => {
      const response = await fetch(`${service.url}/latest/user-data`, { headers });
      expect(response.status).toBe(401);
    },
  );

  it('answers 405 to other methods', async () => {
    const response = await fetch(`${service.url}/latest/user-data`, { method: 'POST' });
    expect(response.status).toBe(405);
  });
});

describe('content', () => {
  it('gives the user-data byte by byte', async () => {
    const response = await get('/latest/user-data');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0x50, 0x4b, 0xff]);
  });

  it.each([
    ['/', 'latest'],
    ['/latest', 'dynamic\nmeta-data\nuser-data'],
    ['/latest/', 'dynamic\nmeta-data\nuser-data'],
    ['/latest/dynamic/', 'instance-identity/'],
    ['/latest/meta-data/iam/security-credentials/', 'loader'],
    ['/latest/meta-data/placement', 'availability-zone\nregion'],
    ['/latest/meta-data/tags/instance/', 'onager:slo'],
    ['/latest/meta-data/tags/instance/onager:slo', 'p95 < 1s'],
    ['/latest/meta-data/tags/instance/onager%3Aslo', 'p95 < 1s'],
    ['/2021-03-23/meta-data/instance-id', 'i-0abc'],
    ['/latest/meta-data/instance-life-cycle', 'on-demand'],
  ])('answers %s', async (path, text) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([200, text]);
  });

  it('has content behind every line of every listing', async () => {
    const walk = async (path: string): Promise<number> => {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 200]);
      if (!path.endsWith('/')) return 1;
      let leaves = 0;
      for (const name of (await response.text()).split('\n')) leaves += await walk(path + name);
      return leaves;
    };
    expect(await walk('/latest/meta-data/')).toBeGreaterThan(9);
  });

  it.each([
    '/latest/meta-data/none',
    '/none',
    '//',
    '/latest/meta-data/spot/instance-action',
    '/latest/%ff',
  ])('answers 404 to %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('follows changes: a spot notice comes, the user-data goes', async () => {
    service.set({
      userData: undefined,
      spotAction: { action: 'terminate', time: '2026-11-22T22:12:00Z' },
    });
    expect((await get('/latest/user-data')).status).toBe(404);
    expect(await (await get('/latest/meta-data/spot/instance-action')).json()).toEqual({
      action: 'terminate',
      time: '2026-11-22T22:12:00Z',
    });
  });
});
