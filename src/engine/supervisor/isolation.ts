/**
 * Tests, as the engine's user, whether it can reach anything that it must not: the metadata
 * service, the agent's state, D-Bus, the page.
 */

import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { hasCode, type Problem } from '../../errors.ts';
import { writeWhole } from '../../files/files.ts';
import { RefusedFile } from '../../files/untrusted-file.ts';
import { waitAwake } from '../../retry.ts';
import { list, object, oneOf } from '../../schema.ts';
import { type JsonFile, readJsonFile } from '../handover/json-file.ts';

/** What the engine's user must not reach, in words. Only these keys are taken from the file. */
const walls = {
  imdsV4: 'the metadata service (169.254.169.254)',
  imdsV6: 'the metadata service ([fd00:ec2::254])',
  state: "the agent's state (run.json)",
  dbus: 'D-Bus (/run/dbus/system_bus_socket)',
  page: "Onager's own page (port 80 of this machine)",
} as const;

type Wall = keyof typeof walls;

const names: readonly Wall[] = ['imdsV4', 'imdsV6', 'state', 'dbus', 'page'];

type Isolation = Readonly<{ version: 1; reachable: readonly Wall[] }>;

const file: JsonFile<Isolation> = {
  name: 'isolation.json',
  schema: object({ version: oneOf(1), reachable: list(oneOf(...names)) }),
  maxBytes: 4_096,
};

/** How each is tested: true if it can be reached. */
export type Attempts = Readonly<Record<Wall, () => Promise<boolean>>>;

/**
 * If packets are dropped silently, no answer ever comes. A first packet that is lost is sent
 * again after a second.
 */
const connectMs = 3_000;

export function attempts(runDir: string): Attempts {
  return {
    imdsV4: () => answers({ host: '169.254.169.254', port: 80 }),
    imdsV6: () => answers({ host: 'fd00:ec2::254', port: 80 }),
    state: () => opens(join(runDir, 'run.json')),
    dbus: () => answers({ path: '/run/dbus/system_bus_socket' }),
    page: async () => {
      const hosts = ['127.0.0.1', '::1'];
      const open = await Promise.all(hosts.map((host) => answers({ host, port: 80 })));
      return open.includes(true);
    },
  };
}

/** Tests all in parallel, and writes the result to the engine's folder. */
export async function probeIsolation(engineDir: string, tries: Attempts): Promise<Isolation> {
  const open = await Promise.all(names.map((name) => tries[name]()));
  const isolation: Isolation = { version: 1, reachable: names.filter((_, at) => open[at]) };
  await writeWhole(join(engineDir, file.name), `${JSON.stringify(isolation)}\n`);
  return isolation;
}

/** `torn`: there is a file, but Onager did not write it. Undefined: not yet. */
export async function readIsolation(engineDir: string): Promise<Isolation | 'torn' | undefined> {
  try {
    return readJsonFile(file, engineDir);
  } catch (error) {
    if (error instanceof RefusedFile || hasCode(error, 'ENGINE_FILE_INVALID')) return 'torn';
    throw error;
  }
}

/** Undefined: nothing of these can be reached. */
export function isolationProblem(isolation: Isolation | 'torn' | undefined): Problem | undefined {
  if (typeof isolation === 'object' && isolation.reachable.length === 0) return undefined;
  const hint = 'systemctl status onager-engine.service may say which protection is missing';
  return {
    code: 'ISOLATION_WEAK',
    message:
      typeof isolation === 'object'
        ? `the engine's user can reach ${reachableOf(isolation)}`
        : "it is not known whether the engine's user can reach the metadata service or the agent's state",
    hint: `run only scenarios you trust on this machine; ${hint}`,
  };
}

function reachableOf({ reachable }: Isolation): string {
  return [...new Set(reachable)].map((wall) => walls[wall]).join(', ');
}

/**
 * A connection that was made while this process had no processor counts too: events are handled
 * before the time is up.
 */
export async function answers(where: NetConnectOpts): Promise<boolean> {
  const socket = connect(where);
  const over = new AbortController();
  const late = waitAwake(connectMs, over.signal, 200).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([once(socket, 'connect').then(() => true), late]);
  } catch {
    return false;
  } finally {
    over.abort();
    socket.on('error', () => undefined).destroy();
  }
}

async function opens(path: string): Promise<boolean> {
  try {
    await using _file = await open(path, 'r');
    return true;
  } catch {
    return false;
  }
}
