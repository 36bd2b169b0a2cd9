/** Instances that were launched together, and do not know how many they are. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { hearSiblings, tellFirst, unsizedProblem } from '../../../../src/agent/cluster/siblings.ts';
import type { Imds } from '../../../../src/aws/imds.ts';
import { silentLog } from '../../../../src/log.ts';
import { runFolder } from '../../../../src/run/folder.ts';
import { createRunStore } from '../../../../src/run/store.ts';
import { mergeSettings } from '../../../../src/settings/merge.ts';
import { loopbackSubnet } from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { firstState } from '../../../unit/lifetime/setup.ts';

/** Where the metadata service says that an instance is. */
function network(address: string): Pick<Imds, 'peek'> {
  const macs = 'meta-data/network/interfaces/macs/02:00';
  const answers: Readonly<Record<string, string>> = {
    'meta-data/local-ipv4': address,
    'meta-data/mac': '02:00',
    [`${macs}/subnet-ipv4-cidr-block`]: `${loopbackSubnet}.0/28`,
    [`${macs}/vpc-id`]: 'vpc-1',
    [`${macs}/owner-id`]: '123456789012',
  };
  return { peek: async (path) => answers[path] };
}

async function instance(launchIndex: number, userData = 'the same zip') {
  const folder = runFolder(join(await temporaryFolder('sibling'), `${launchIndex}`));
  await mkdir(folder.root);
  await writeFile(folder.userData, userData);
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const address = `${loopbackSubnet}.${4 + launchIndex}`;
  return {
    folder,
    imds: network(address),
    instance: {
      instanceId: `i-${launchIndex}`,
      launchedAt: '2026-11-22T22:10:00.000Z',
      imageId: '',
      instanceType: '',
      architecture: '',
      region: '',
      availabilityZone: '',
      launchIndex,
      reservationId: 'r-1',
    },
    log: silentLog(),
    pageUrl: () => `http://${address}/`,
    signal: over.signal,
    store: createRunStore({ initial: firstState, onWriteError: () => {} }),
  };
}

it('the first says on its page that the others are there', async () => {
  const [first, second] = [await instance(0), await instance(1)];
  void hearSiblings(first, first.signal);
  void tellFirst(second);
  await vi.waitFor(
    () =>
      expect(first.store.current().warnings).toMatchObject([
        { code: 'CLUSTER_UNSHARED', message: expect.stringContaining('i-1 (launch index 1)') },
      ]),
    5_000,
  );
});

it('the first does not speak of an instance that has another scenario', async () => {
  const [first, other, second] = [
    await instance(0),
    await instance(1, 'another zip'),
    await instance(2),
  ];
  void hearSiblings(first, first.signal);
  void tellFirst(other);
  void tellFirst(second);
  await vi.waitFor(() => expect(first.store.current().warnings.length).toBe(1), 5_000);
  expect(first.store.current().warnings[0]?.message).toContain('i-2');
});

it.each([
  [0, '', undefined],
  [1, '', 'CLUSTER_SIZE_UNSET'],
  [1, 'cluster: { size: 1 }', undefined],
  [3, 'cluster: { size: 4 }', undefined],
  [4, 'cluster: { size: 4 }', 'CLUSTER_OVER_SIZE'],
])('an instance with launch index %i and %j fires, or says why not', (launchIndex, text, code) => {
  const { settings } = mergeSettings([{ source: 'user-data', text }]);
  expect(unsizedProblem({ launchIndex, reservationId: 'r-1' }, settings)?.code).toBe(code);
});
