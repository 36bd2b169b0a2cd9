/** Puts a witness into a run of Tsung: it writes down each sample of any user (witness.erl). */

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plan } from '../../src/engine/engine.ts';
import { findInstall } from '../../src/engine/tsung/run/install.ts';
import { exec } from '../../src/exec.ts';
import { type Row, readWitness } from './sample-rows.ts';

type Witness = Readonly<{
  /** The plan of a run that is seen by it. */
  into(plan: Plan): Plan;
  /** What it has seen so far. */
  rows(): Promise<readonly Row[]>;
}>;

/** `root`: a folder for its file and its module. */
export async function createWitness(root: string): Promise<Witness> {
  const { installDir, version, erl } = await findInstall();
  const [file, folder] = [join(root, 'witness'), join(root, 'witness-module')];
  await mkdir(folder);
  const include = join(installDir, `tsung-${version}`, 'include');
  const source = join(import.meta.dirname, 'erlang/witness.erl');
  const args = ['-I', include, '-o', folder, source];
  const compiled = await exec(join(dirname(erl), 'erlc'), { args });
  if (!compiled.ok) throw new Error(compiled.stdout + compiled.stderr);
  return {
    into(plan) {
      const { ERL_AFLAGS = '', ...env } = plan.env;
      const flags = `${ERL_AFLAGS} -pa ${folder} -eval 'witness:start().'`;
      return { ...plan, env: { ...env, ERL_AFLAGS: flags, WITNESS_FILE: file } };
    },
    rows: async () => await readWitness(file),
  };
}
