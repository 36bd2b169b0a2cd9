/** How often an EC2 instance exceeded its network allowances, if its driver counts that. */

import { readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exec } from '../../exec.ts';
import { parseAllowances } from './proc.ts';

type Allowances = () => Promise<Readonly<Record<string, number>> | undefined>;

/**
 * Increments since the last answer, only of counters that grew; undefined where ethtool was not
 * run. It runs in one of `every` calls, because it costs more than the rest of a sample.
 */
export function createAllowances(
  sysDir: string,
  { every = 10, statistics = ethtool }: { every?: number; statistics?: typeof ethtool } = {},
): Allowances {
  const interfaces = enaInterfaces(join(sysDir, 'class/net'));
  let before: Record<string, number> | undefined;
  let calls = 0;
  return async () => {
    if (interfaces.length === 0 || calls++ % every !== 0) return undefined;
    const now: Record<string, number> = {};
    for (const name of interfaces) {
      const text = await statistics(name);
      if (text === undefined) return undefined;
      for (const [counter, value] of Object.entries(parseAllowances(text))) {
        now[counter] = (now[counter] ?? 0) + value;
      }
    }
    const last = before ?? now;
    before = now;
    const grown = Object.entries(now).map(([name, value]) => [name, value - (last[name] ?? 0)]);
    return Object.fromEntries(grown.filter(([, increment]) => Number(increment) > 0));
  };
}

/** Undefined if ethtool is not installed or does not answer. */
async function ethtool(name: string): Promise<string | undefined> {
  const { ok, stdout } = await exec('ethtool', { args: ['-S', name], timeoutMs: 2_000 });
  return ok ? stdout : undefined;
}

function enaInterfaces(netDir: string): readonly string[] {
  try {
    return readdirSync(netDir).filter((name) => driverOf(join(netDir, name)) === 'ena');
  } catch {
    return [];
  }
}

function driverOf(interfaceDir: string): string | undefined {
  try {
    return basename(readlinkSync(join(interfaceDir, 'device/driver')));
  } catch {
    return undefined;
  }
}
