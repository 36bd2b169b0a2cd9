/** What the engine's user reports that it can reach, and what the page says about it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Attempts,
  isolationProblem,
  probeIsolation,
  readIsolation,
} from '../../../../src/engine/supervisor/isolation.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const shut: Attempts = {
  imdsV4: async () => false,
  imdsV6: async () => false,
  state: async () => false,
  dbus: async () => false,
  page: async () => false,
};

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('isolation');
});

describe('the isolation of the engine', () => {
  it('is not a problem where nothing can be reached', async () => {
    await probeIsolation(dir, shut);
    expect(isolationProblem(await readIsolation(dir))).toBeUndefined();
  });

  it.each([
    ['imdsV4', '169.254.169.254'],
    ['imdsV6', 'fd00:ec2::254'],
    ['state', 'run.json'],
    ['dbus', 'D-Bus'],
    ['page', 'port 80'],
  ] as const)('is a problem that names what can be reached: %s', async (wall, word) => {
    await probeIsolation(dir, { ...shut, [wall]: async () => true });
    const problem = isolationProblem(await readIsolation(dir));
    expect(problem).toMatchObject({ code: 'ISOLATION_WEAK' });
    expect(problem?.message).toContain(word);
  });

  it('is a problem where it is not known', async () => {
    expect(await readIsolation(dir)).toBeUndefined();
    expect(isolationProblem(undefined)?.message).toContain('not known');
  });

  it.each([
    '',
    'no JSON',
    'null',
    '{}',
    '{"version":2,"reachable":[]}',
    '{"version":1,"reachable":["\\u001b[31mred"]}',
    '{"version":1,"reachable":[],"more":1}',
  ])('is not known by a file that makes no sense: %j', async (text) => {
    await writeFile(join(dir, 'isolation.json'), text);
    const problem = isolationProblem(await readIsolation(dir));
    expect(problem?.message).toContain('not known');
  });
});
