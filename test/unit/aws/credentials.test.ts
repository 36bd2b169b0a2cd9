/** When credentials are fetched, kept and refused. */
import { describe, expect, it } from 'vitest';
import { createCredentials } from '../../../src/aws/credentials.ts';
import { silentLog } from '../../../src/log.ts';

const minute = 60_000;
const good = {
  Code: 'Success',
  AccessKeyId: 'AKIA1',
  SecretAccessKey: 'secret',
  Token: 'token',
  Expiration: new Date(360 * minute).toISOString(),
};

/** A metadata service whose answers and a clock whose time the test sets. */
function setup(
  overrides: { role?: string | undefined; signal?: AbortSignal; timeoutMs?: number } = {},
) {
  const world = {
    nowMs: 0,
    asked: 0,
    answer: (): Promise<unknown> => Promise.resolve(good),
  };
  const credentials = createCredentials({
    imds: {
      text: async () => ('role' in overrides ? overrides.role : 'loader\n'),
      json: (_path, signal) => {
        world.asked += 1;
        const { promise: aborted, reject } = Promise.withResolvers();
        signal.addEventListener('abort', () => reject(signal.reason));
        return Promise.race([world.answer(), aborted]);
      },
    },
    log: silentLog(),
    now: () => world.nowMs,
    ...(overrides.signal === undefined ? {} : { signal: overrides.signal }),
    ...(overrides.timeoutMs === undefined ? {} : { timeoutMs: overrides.timeoutMs }),
  });
  return { world, credentials };
}

describe('createCredentials', () => {
  it('gives what the SDK needs, to be asked again 15 minutes before the expiry', async () => {
    const { credentials } = setup();
    expect(await credentials()).toEqual({
      accessKeyId: 'AKIA1',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      // The SDK asks 5 minutes before the expiration that it is given.
      expiration: new Date(350 * minute),
    });
  });

  it('asks once for all who ask at the same time, and not again while the set is fresh', async () => {
    const { world, credentials } = setup();
    await Promise.all([credentials(), credentials(), credentials()]);
    world.nowMs = 344 * minute;
    await credentials();
    expect(world.asked).toBe(1);
  });

  it('refreshes 15 minutes before the expiry, without delaying any caller', async () => {
    const { world, credentials } = setup();
    await credentials();
    world.nowMs = 346 * minute;
    const answered = Promise.withResolvers<unknown>();
    world.answer = () => answered.promise;
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA1' });
    answered.resolve({
      ...good,
      AccessKeyId: 'AKIA2',
      Expiration: new Date(720 * minute).toISOString(),
    });
    await expect.poll(credentials).toMatchObject({ accessKeyId: 'AKIA2' });
    expect(world.asked).toBe(2);
  });

  it('keeps the old set while refreshing fails, even past its expiry, and does not storm', async () => {
    const { world, credentials } = setup();
    await credentials();
    world.nowMs = 361 * minute;
    world.answer = () => Promise.reject(new Error('down'));
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA1' });
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA1' });
    expect(world.asked).toBe(2);
    world.nowMs += 31_000;
    await credentials();
    expect(world.asked).toBe(3);
  });

  it.each([[undefined], [''], ['\n']])(
    'says ROLE_MISSING where the list of roles is %j',
    async (role) => {
      const { credentials } = setup({ role });
      await expect(credentials()).rejects.toMatchObject({ code: 'ROLE_MISSING' });
    },
  );

  it.each([
    [
      'a code that is no success',
      { Code: 'AssumeRoleUnauthorizedAccess', Message: 'EC2 cannot assume the role' },
    ],
    ['no such role any more', undefined],
    ['no key', { ...good, AccessKeyId: '' }],
    ['no usable expiry', { ...good, Expiration: 'soon' }],
    ['something else altogether', [1, 2]],
  ])('says ROLE_NOT_READY to %s, and asks anew the next time', async (_, answer) => {
    const { world, credentials } = setup();
    world.answer = async () => answer;
    await expect(credentials()).rejects.toMatchObject({ code: 'ROLE_NOT_READY' });
    world.answer = async () => good;
    await expect(credentials()).resolves.toMatchObject({ accessKeyId: 'AKIA1' });
  });

  it('never puts a secret into its error', async () => {
    const { world, credentials } = setup();
    world.answer = async () => ({ ...good, Code: 'Expired' });
    await expect(credentials()).rejects.toThrow('no credentials for the role "loader": "Expired"');
  });

  it('says IMDS_UNREACHABLE when there is no answer in time', async () => {
    const { world, credentials } = setup({ timeoutMs: 20 });
    world.answer = () => Promise.withResolvers().promise;
    await expect(credentials()).rejects.toMatchObject({ code: 'IMDS_UNREACHABLE' });
  });

  it('waits for no answer once the agent ends', async () => {
    const over = new AbortController();
    const { world, credentials } = setup({ signal: over.signal });
    const question = Promise.withResolvers<void>();
    world.answer = () => {
      question.resolve();
      return Promise.withResolvers().promise;
    };
    const asked = credentials();
    await question.promise;
    over.abort(new Error('the agent ends'));
    await expect(asked).rejects.toThrow('the agent ends');
  });
});
