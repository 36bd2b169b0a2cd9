/**
 * When things happened on a booted machine, by its own clock, in seconds since its kernel started.
 */

import type { Ec2 } from './ec2.ts';
import type { Machine } from './machine.ts';

export type Figures = Readonly<Record<string, string>>;

declare module 'vitest' {
  interface TaskMeta {
    /** Shown under the table of the tests. */
    figures?: Figures;
  }
}

type Watched = Readonly<{ ec2: Ec2; machine: Machine }>;

export async function bootFigures(watched: Watched): Promise<Figures> {
  const { machine } = watched;
  const unit = async (name: string): Promise<string> => {
    const property = 'ExecMainStartTimestampMonotonic';
    const { output } = await machine.shell(`systemctl show --property ${property} --value ${name}`);
    return inSeconds(Number(output) / 1e6);
  };
  const engine = await machine.shell(
    'cat "$(dirname "$(realpath /var/lib/onager/plan)")/engine.json"',
  );
  return {
    'agent started': await unit('onager.service'),
    'supervisor started': await unit('onager-engine.service'),
    'engine exec': inSeconds(startOf(engine.output)),
    'first request at the target': await firstRequest(watched),
  };
}

/** By the host's clock, so only as exact as one answer of the machine is quick. */
export async function firstRequest({ ec2, machine }: Watched): Promise<string> {
  const [first] = ec2.target.hits;
  if (first === undefined) return 'none yet';
  const before = Date.now();
  const { output } = await machine.shell('cut -d " " -f 1 /proc/uptime');
  const now = (before + Date.now()) / 2;
  return inSeconds(Number(output) - (now - first.at) / 1_000);
}

/** From the clock ticks in which /proc gives a process's start. */
function startOf(engineJson: string): number {
  const found = /"pidStartTime":(\d+)/.exec(engineJson);
  return found === null ? Number.NaN : Number(found[1]) / 100;
}

export function inSeconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
