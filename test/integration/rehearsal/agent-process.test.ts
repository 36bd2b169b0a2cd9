/** An agent that dies is restarted; one that cannot start is given up, with an explanation. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgentProcess } from '../../../src/rehearsal/agent-process.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder('agent-process');
});

const shortLifeMs = 50;

/** An agent whose program says that it has started and then does what `program` says. */
async function start(program: string, isUp = false): Promise<AgentProcess> {
  const file = join(dir, 'agent.mjs');
  const slept = `await new Promise((resolve) => setTimeout(resolve, ${4 * shortLifeMs}));`;
  await writeFile(file, `console.log('started'); ${program.replaceAll('SLEEP', slept)}`);
  return startAgentProcess({
    command: [process.execPath, file],
    env: {},
    logPath: join(dir, 'agent.log'),
    isUp: async () => isUp,
    shortLifeMs,
  });
}

async function starts(): Promise<number> {
  const log = await readFile(join(dir, 'agent.log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line === 'started').length;
}

describe('an agent', () => {
  it.for([
    { how: 'ends by itself at once', program: 'process.exit(1);' },
    { how: 'ends by itself, but slowly', program: 'SLEEP process.exit(1);' },
    { how: 'throws', program: 'SLEEP throw new Error("no");' },
    { how: 'aborts, as without memory', program: 'process.abort();' },
    { how: 'faults', program: 'SLEEP process.kill(process.pid, "SIGSEGV");' },
  ])('that $how before it is up is given up after three times', async ({ program }) => {
    const agent = await start(program);
    await expect(agent.done).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: 'the agent crashed 3 times right after its start',
      hint: expect.stringContaining('agent.log'),
    });
    expect(await starts()).toBe(3);
  });

  it.for([
    { how: 'is killed', program: 'process.kill(process.pid, "SIGKILL");', isUp: false },
    { how: 'crashes once it is up', program: 'SLEEP SLEEP process.exit(1);', isUp: true },
  ])('that $how is started again, however often', async ({ program, isUp }) => {
    const agent = await start(program, isUp);
    await expect.poll(starts, { timeout: 20_000 }).toBeGreaterThan(4);
    await agent.stop();
    await expect(agent.done).resolves.toBeUndefined();
  });

  it('whose program is not there is given up at once', async () => {
    const agent = startAgentProcess({
      command: [join(dir, 'nothing')],
      env: {},
      logPath: join(dir, 'agent.log'),
      isUp: async () => false,
    });
    await expect(agent.done).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
