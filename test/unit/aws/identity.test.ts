/** What Onager makes of an identity document. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIdentity } from '../../../src/aws/identity.ts';
import { OnagerError } from '../../../src/errors.ts';

const document = {
  accountId: '123456789012',
  architecture: 'x86_64',
  availabilityZone: 'eu-central-1a',
  imageId: 'ami-1',
  instanceId: 'i-0abc',
  instanceType: 'c7i.large',
  pendingTime: '2026-11-22T22:10:00Z',
  privateIp: '10.0.0.7',
  region: 'eu-central-1',
};

function read(json: unknown, texts: Readonly<Record<string, string>> = {}) {
  const source = { json: async () => json, text: async (path: string) => texts[path] };
  return readIdentity(source, AbortSignal.timeout(1_000));
}

describe('readIdentity', () => {
  it('puts document and metadata together', async () => {
    const texts = {
      'meta-data/ami-launch-index': '3',
      'meta-data/reservation-id': 'r-1',
      'meta-data/instance-life-cycle': 'spot',
      'meta-data/public-ipv4': '192.0.2.1',
      'meta-data/public-hostname': '',
    };
    const { pendingTime, ...same } = document;
    expect(await read(document, texts)).toEqual({
      ...same,
      launchedAt: '2026-11-22T22:10:00.000Z',
      launchIndex: 3,
      reservationId: 'r-1',
      lifeCycle: 'spot',
      publicIp: '192.0.2.1',
    });
  });

  it.each([
    ['no document', undefined],
    ['null', null],
    ['a list', []],
    ['no instance id', { ...document, instanceId: undefined }],
    ['an instance id that leaves its folder', { ...document, instanceId: '../../etc' }],
    ['an instance id of another type', { ...document, instanceId: 7 }],
    ['a launch time that is none', { ...document, pendingTime: '2026-13-45T99:99:99Z' }],
    ['a launch time in words', { ...document, pendingTime: 'yesterday' }],
    ['no region', { ...document, region: '' }],
  ])('refuses %s', async (_, json) => {
    await expect(read(json)).rejects.toMatchObject({ code: 'IMDS_INVALID' });
  });

  it('gives an identity or says IMDS_INVALID, whatever the document holds', async () => {
    const anything = fc.record({ ...mapValues(fc.anything()) }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(anything, async (json) => {
        const error: unknown = await read({ ...document, ...json }).then(
          () => undefined,
          (e) => e,
        );
        expect(error === undefined || error instanceof OnagerError).toBe(true);
      }),
    );
  });
});

function mapValues<T>(value: T): Record<string, T> {
  return Object.fromEntries(Object.keys(document).map((key) => [key, value]));
}
