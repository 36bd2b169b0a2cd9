/**
 * Rehearsals on a machine that can power off: a `systemctl` that only records what it is asked for.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '../../../src/aws/identity.ts';
import { readIfThere } from '../../../src/files/files.ts';
import { startSimulation } from '../../../src/rehearsal/simulation.ts';
import type { Rehearsed } from '../../support/rehearsal.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

export type Machine = Rehearsed &
  Readonly<{
    /** What systemctl was asked for, one request per line. */
    asked(): Promise<readonly string[]>;
    consoleText(): Promise<string>;
  }>;

export async function bootMachine(options: {
  seconds: number;
  settings?: string;
  identity?: Partial<Identity>;
}): Promise<Machine> {
  await using stack = new AsyncDisposableStack();
  const dir = await temporaryFolder('machine');
  const [out, source, bin] = [join(dir, 'out'), join(dir, 'scenario'), join(dir, 'bin')];
  for (const folder of [out, source, bin]) await mkdir(folder);
  await makeScenario(source, options);
  const askedPath = join(dir, 'asked');
  const systemctl = join(bin, 'systemctl');
  await writeFile(systemctl, `#!/bin/sh\necho "$(date +%s%3N) $*" >> ${askedPath}\n`);
  await chmod(systemctl, 0o755);
  const consolePath = join(dir, 'console');
  const simulation = stack.use(
    await startSimulation({
      source,
      out,
      port: 0,
      vars: {},
      agentCommand: [
        ...([node, join(root, 'src/cli.ts'), 'agent'] as const),
        ...['--poweroff-unit', 'onager-poweroff.service', '--console', consolePath],
      ],
      path: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
    }),
  );
  const owned = stack.move();
  return {
    out,
    simulation,
    asked: async () => ((await readIfThere(askedPath)) ?? '').split('\n').filter(Boolean),
    consoleText: () => readFile(consolePath, 'utf8'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
