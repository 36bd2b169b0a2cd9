/** Which run folder belongs to this instance. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../../src/aws/identity.ts';
import { findRun, runId } from '../../../src/run/find.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const identity: Identity = {
  instanceId: 'i-0abc',
  launchedAt: '2026-11-22T22:10:00.000Z',
  imageId: 'ami-1',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  launchIndex: 0,
};

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder('runs');
});

describe('runId', () => {
  it.each(['2026-11-22T22:10:00.000Z', '2026-11-22T22:10:00Z'])(
    'is launch time %s and instance id',
    (launchedAt) => {
      expect(runId({ ...identity, launchedAt })).toBe('20261122T221000Z-i-0abc');
    },
  );
});

describe('findRun', () => {
  it('finds the run of this instance although its launch time has changed', async () => {
    await mkdir(join(dir, '20251122T221000Z-i-0abc'));
    await mkdir(join(dir, '20251122T221000Z-i-0abd'));
    expect(await findRun(dir, 'i-0abc')).toBe(join(dir, '20251122T221000Z-i-0abc'));
  });

  it('gives the first run where there are several', async () => {
    await mkdir(join(dir, '20261122T221000Z-i-0abc'));
    await mkdir(join(dir, '20251122T221000Z-i-0abc'));
    expect(await findRun(dir, 'i-0abc')).toBe(join(dir, '20251122T221000Z-i-0abc'));
  });

  it('finds none if there is no folder of runs yet', async () => {
    expect(await findRun(join(dir, 'none'), 'i-0abc')).toBeUndefined();
  });

  it.each(['i-0abc', '20251122T221000Z-x-i-0abc', '20251122T221000Z-i-0abc.old', 'draft-i-0abc'])(
    'does not take the folder %s for a run',
    async (name) => {
      await mkdir(join(dir, name));
      expect(await findRun(dir, 'i-0abc')).toBeUndefined();
    },
  );

  it('does not take a file for a run', async () => {
    await writeFile(join(dir, '20251122T221000Z-i-0abc'), '');
    expect(await findRun(dir, 'i-0abc')).toBeUndefined();
  });

  it('finds what runId names', async () => {
    await mkdir(join(dir, runId(identity)));
    expect(await findRun(dir, identity.instanceId)).toBe(join(dir, runId(identity)));
  });
});
