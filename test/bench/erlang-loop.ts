/** Runs a function of onager_bench.erl, with Onager's modules and Tsung's, and no load. */

import { join } from 'node:path';
import { execa } from 'execa';
import { compiledModules } from '../../src/engine/tsung/run/erlang.ts';
import { codeFolders, findInstall } from '../../src/engine/tsung/run/install.ts';

/** Gives what `call` returns, as Erlang prints it. `into`: for the compiled module. */
export async function runLoop(into: string, call: string, flags: readonly string[] = []) {
  const install = await findInstall();
  const modules = await compiledModules(install, AbortSignal.timeout(60_000));
  await execa('erlc', ['-o', into, join(import.meta.dirname, 'onager_bench.erl')]);
  const paths = [...codeFolders(install), join(modules, 'onager'), join(modules, 'tsung'), into];
  const program = `io:format("~p", [onager_bench:${call}]), halt().`;
  const args = [...flags, '-noshell', '-pa', ...paths, '-eval', program];
  return (await execa(install.erl, args)).stdout;
}
