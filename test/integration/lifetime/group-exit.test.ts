/** An instance of an Auto Scaling group powers off, and is not replaced where its role allows. */
import { afterEach, expect, it } from 'vitest';
import { createGroupExit } from '../../../src/lifetime/group-exit.ts';
import { silentLog } from '../../../src/log.ts';
import { createRunStore } from '../../../src/run/store.ts';
import { startAutoScaling } from '../../support/auto-scaling-api.ts';
import { firstState } from '../../unit/lifetime/setup.ts';

const keys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  region: 'eu-central-1',
};
const credentials = async () => ({ ...keys, expiration: new Date(Date.now() + 3_600_000) });

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

type Given = Readonly<{
  minimum?: number;
  isAllowed?: boolean;
  instances?: readonly string[];
  silent?: boolean;
  tag?: string | undefined;
  role?: typeof credentials;
}>;

/** Powers off twice, as after a power-off that failed. */
async function powerOff(given: Given) {
  const { minimum = 0, isAllowed = true, silent = false, role = credentials } = given;
  const tag = 'tag' in given ? given.tag : 'load';
  const instances = [...(given.instances ?? ['i-1', 'i-2'])];
  const group = { instances, desired: 2, minimum, isAllowed };
  const { endpoint } = stack.use(await startAutoScaling(keys, group, { silent }));
  const store = createRunStore({ initial: firstState, onWriteError: () => undefined });
  const timeoutMs = silent ? 200 : 10_000;
  const exit = createGroupExit({ store, log: silentLog(), timeoutMs });
  let offs = 0;
  const off = exit.before(async () => {
    offs += 1;
  });
  const imds = { peek: async () => tag };
  exit.learn({ instanceId: 'i-1', region: keys.region, credentials: role, imds, endpoint });
  await off();
  await off();
  return { group, offs, warnings: store.current().warnings };
}

it('leaves its group by one smaller, once, and powers off', async () => {
  const { group, offs, warnings } = await powerOff({});
  expect(group).toMatchObject({ instances: ['i-2'], desired: 1 });
  expect(offs).toBe(2);
  expect(warnings).toEqual([]);
});

it.each([
  { why: 'the role may not', given: { isAllowed: false }, says: 'AccessDenied' },
  {
    why: 'the group may not be smaller',
    given: { minimum: 2 },
    says: 'desiredSize equals minSize',
  },
  { why: 'there is no answer', given: { silent: true }, says: 'no answer in 0.2 s' },
  {
    why: 'there is no role',
    given: { role: () => Promise.reject(new Error('the instance has no IAM role')) },
    says: 'the instance has no IAM role',
  },
])('powers off where $why, and says that it will be replaced', async ({ given, says }) => {
  const { group, offs, warnings } = await powerOff(given);
  expect(group).toMatchObject({ instances: ['i-1', 'i-2'], desired: 2 });
  expect(offs).toBe(2);
  expect(warnings).toMatchObject([
    {
      code: 'ASG_NOT_LEFT',
      message: expect.stringMatching(new RegExp(`group "load".*${says}`)),
      hint: expect.stringContaining('desired capacity'),
    },
  ]);
});

it('says nothing where it is in no group', async () => {
  const { offs, warnings } = await powerOff({ tag: undefined, instances: ['i-2'] });
  expect(offs).toBe(2);
  expect(warnings).toEqual([]);
});
