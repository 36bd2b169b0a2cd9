/**
 * Plays the start of a run with the real agent and the real supervisor, on a simulated instance and
 * without a load, so that V8 compiles what a start needs.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../../../src/commands/cli/command.ts';
import { commands } from '../../../src/commands/cli/commands.ts';
import { startMetadataService } from '../../../src/rehearsal/metadata-service.ts';
import { packScenario } from '../../../src/scenario/pack.ts';

const limitMs = 60_000;
const lookEveryMs = 20;
const unended = new AbortController().signal;

/** Resolves in any case: what cannot be played is compiled when it is needed. */
export async function playStart(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-warm-up-'));
  try {
    await startAgent(dir);
    await startEngine(dir);
  } catch (error) {
    process.stderr.write(`the start could not be played to its end: ${error}\n`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function startAgent(dir: string): Promise<void> {
  await using service = await simulatedInstance(dir);
  const over = new AbortController();
  const limit = AbortSignal.timeout(limitMs);
  const agent = run(
    'agent',
    {
      operand: '',
      options: { state: stateIn(dir), host: '127.0.0.1', port: '0', config: join(dir, 'none') },
    },
    {
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url },
      signal: AbortSignal.any([over.signal, limit]),
    },
  );
  // The supervisor that it starts does nothing, so the run fails.
  while (!limit.aborted && !(await isOver(dir))) await sleep(lookEveryMs);
  over.abort();
  await agent;
}

/** Fires the agent's plan with a program that does nothing in the engine's place. */
async function startEngine(dir: string): Promise<void> {
  const plan = join(await runFolder(dir), 'engine/plan.json');
  const planned = JSON.parse(await readFile(plan, 'utf8'));
  await writeFile(plan, JSON.stringify({ ...planned, argv: ['/bin/true'] }));
  await rm(join(plan, '../withdrawn.json'), { force: true });
  await run('engine', { operand: plan, options: {} }, { env: {}, signal: unended });
}

async function run(
  name: string,
  given: Parameters<Command['run']>[0],
  context: Pick<Parameters<Command['run']>[1], 'env' | 'signal'>,
): Promise<void> {
  const found = await commands.get(name)?.();
  await found?.command.run(given, {
    ...context,
    self: ['/bin/true'],
    readPage: async () => '<title>Onager</title>',
    abandoned: unended,
  });
}

async function simulatedInstance(
  dir: string,
): Promise<AsyncDisposable & Readonly<{ url: string }>> {
  const scenario = await mkdtemp(join(dir, 'scenario-'));
  await writeFile(join(scenario, 'tsung.xml'), scenarioText);
  const { zip } = await packScenario(scenario);
  const service = await startMetadataService({
    identity: {
      instanceId: 'i-00000000000000000',
      launchedAt: new Date().toISOString(),
      imageId: 'ami-00000000000000000',
      instanceType: 'c7i.large',
      architecture: 'x86_64',
      region: 'us-east-1',
      availabilityZone: 'us-east-1a',
      launchIndex: 0,
    },
    userData: zip,
    tags: { 'onager:vars.HOST': '127.0.0.1' },
  });
  return { url: service.url, [Symbol.asyncDispose]: async () => await service.close() };
}

async function isOver(dir: string): Promise<boolean> {
  const state = await runFolder(dir)
    .then(async (folder) => JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')))
    .catch(() => undefined);
  return state?.phase === 'failed' || state?.phase === 'idle';
}

async function runFolder(dir: string): Promise<string> {
  const runs = join(stateIn(dir), 'runs');
  return join(runs, (await readdir(runs))[0] ?? '');
}

function stateIn(dir: string): string {
  return join(dir, 'state');
}

const scenarioText = `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="\${HOST}" port="9" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="1" unit="second"><users arrivalrate="1" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http">
    <request><http url="/" method="GET"/></request>
    <thinktime value="1" random="false"/>
    <transaction name="login"><request><http url="/login" method="POST" contents="a=b"/></request></transaction>
  </session></sessions>
</tsung>
`;
